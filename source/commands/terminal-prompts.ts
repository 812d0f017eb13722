import type {HostKeyQuestion, Prompts, SecretQuestion} from '../agent/prompts.ts';
import {Slots} from '../transport/slots.ts';
import {hostKeyLines} from '../ui/state/host-key-lines.ts';
import {answerTo, isAgreed, isAnybodyThere, secretAnswerTo} from './asking.ts';
import type {Arguments} from './arguments.ts';
import {describeFailure} from './describe-error.ts';
import {progressLine} from './progress-line.ts';
import {SshAccess} from './ssh-access.ts';

/** How a command without a screen reaches Agents: whoever sits before the terminal is asked there. */
export function terminalAccess({
	acceptNewHostKeys = false,
	json = false,
}: Partial<Pick<Arguments['flags'], 'acceptNewHostKeys' | 'json'>>): SshAccess {
	return new SshAccess({
		prompts: terminalPrompts(),
		acceptNewHostKeys,
		notice: failure =>
			void process.stderr.write(
				json ? `${JSON.stringify(failure)}\n` : `dms-upgrade: ${describeFailure(failure)}\n`,
			),
	});
}

/** Asks on the terminal, on stderr. Undefined where nobody sits before it. */
export function terminalPrompts(): Prompts | undefined {
	if (!isAnybodyThere()) {
		return undefined;
	}

	// Whoever leaves one question with ctrl+c wants to answer none.
	const left = new AbortController();
	const turns = new Slots(1);
	const ask = <Value>(question: (leave: () => void) => Promise<Value>, otherwise: Value) =>
		turns.use(() =>
			left.signal.aborted
				? Promise.resolve(otherwise)
				: progressLine.giveWay(() => question(() => left.abort())),
		);
	return {
		askHostKey: (question, signal) => ask(leave => askHostKey(question, signal, leave), false),
		askSecret: (question, signal) => ask(leave => askSecret(question, signal, leave), undefined),
	};
}

function askHostKey(question: HostKeyQuestion, signal: AbortSignal, leave: () => void): Promise<boolean> {
	process.stderr.write(`${hostKeyLines(question).join('\n')}\n`);
	return isAgreed('Trust it and remember it?', {signal, onLeave: leave});
}

async function askSecret(
	question: SecretQuestion,
	signal: AbortSignal,
	leave: () => void,
): Promise<string | undefined> {
	const {address, text, instructions, echo, again} = question;
	const before = [...(again ? ['That was not right.'] : []), ...(instructions === '' ? [] : [instructions])];
	if (before.length > 0) {
		process.stderr.write(`${before.join('\n')}\n`);
	}

	const line = `${address}: ${text.trimEnd().replace(/:$/, '')}: `;
	const options = {signal, onLeave: leave};
	return echo ? answerTo(line, options) : secretAnswerTo(line, options);
}
