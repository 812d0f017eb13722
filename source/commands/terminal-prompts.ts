import type {HostKeyQuestion, Prompts, SecretQuestion} from '../agent/prompts.ts';
import {answerTo, isAgreed, isAnybodyThere, secretAnswerTo} from './asking.ts';

/** Asks on the terminal, on stderr. Undefined where nobody sits before it. */
export function terminalPrompts(): Prompts | undefined {
	return isAnybodyThere() ? {askHostKey, askSecret} : undefined;
}

function askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
	process.stderr.write(`${hostKeyLines(question).join('\n')}\n`);
	return isAgreed('Trust it and remember it?', signal);
}

/** What somebody has to know to decide whether to trust a host. */
export function hostKeyLines(question: HostKeyQuestion): readonly string[] {
	const {address, host, port, keyType, fingerprint, otherNames} = question;
	const place = port === 22 ? host : `${host} port ${port}`;
	return [
		`The host key of ${address === host ? place : `${address} (${place})`} is not known yet.`,
		`  ${keyType} ${fingerprint}`,
		...(otherNames.length > 0 ? [`  The same key is known as ${otherNames.join(', ')}.`] : []),
		'Compare it with what ssh-keygen -l says on the server itself.',
	];
}

async function askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined> {
	const {address, text, instructions, echo, again} = question;
	const before = [...(again ? ['That was not right.'] : []), ...(instructions === '' ? [] : [instructions])];
	if (before.length > 0) {
		process.stderr.write(`${before.join('\n')}\n`);
	}

	const line = `${address}: ${text.trimEnd().replace(/:$/, '')}: `;
	return echo ? answerTo(line, signal) : secretAnswerTo(line, signal);
}
