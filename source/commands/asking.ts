import {createInterface} from 'node:readline/promises';
import {Writable} from 'node:stream';

/** Whether a person can be asked on the terminal. */
export function isAnybodyThere(): boolean {
	return process.stdin.isTTY && process.stderr.isTTY;
}

export interface AskingOptions {
	/** The answer is not wanted any more. */
	readonly signal?: AbortSignal;
	/** Called when the question is left with ctrl-c. */
	readonly onLeave?: () => void;
}

/** Asks on stderr, so that stdout holds results only. Empty when the terminal went away or the signal is aborted. */
export async function answerTo(question: string, options: AskingOptions = {}): Promise<string> {
	return ((await ask(question, process.stderr, options)) ?? '').trim();
}

/** Asks for what nobody may see. Undefined when nothing was answered: ctrl-c, ctrl-d, or the terminal went away. */
export async function secretAnswerTo(
	question: string,
	options: AskingOptions = {},
): Promise<string | undefined> {
	const unseen = new Writable({write: (_chunk, _encoding, done) => done()});
	const answer = await ask('', unseen, options, question);
	process.stderr.write('\n');
	return answer;
}

/** Anything but yes is no. */
export async function isAgreed(question: string, options: AskingOptions = {}): Promise<boolean> {
	return /^y(?:es)?$/i.test(await answerTo(`${question} [y/N] `, options));
}

async function ask(
	question: string,
	output: NodeJS.WritableStream,
	{signal, onLeave}: AskingOptions,
	shown = '',
): Promise<string | undefined> {
	const questions = createInterface({input: process.stdin, output, terminal: true, historySize: 0});
	// By now ctrl-c leaves the question; before, it would have ended the command.
	process.stderr.write(shown);
	const gone = new Promise<undefined>(resolve => questions.once('close', () => resolve(undefined)));
	const close = () => questions.close();
	questions.once('SIGINT', () => {
		onLeave?.();
		close();
	});
	signal?.addEventListener('abort', close);
	if (signal?.aborted) {
		close();
	}

	try {
		return await Promise.race([questions.question(question), gone]);
	} finally {
		signal?.removeEventListener('abort', close);
		questions.close();
	}
}
