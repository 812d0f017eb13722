import {createInterface} from 'node:readline/promises';
import {Writable} from 'node:stream';

/** Whether a person can be asked on the terminal. */
export function isAnybodyThere(): boolean {
	return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on stderr, so that stdout holds results only. Empty when the terminal went away or the signal is aborted. */
export async function answerTo(question: string, signal?: AbortSignal): Promise<string> {
	return ((await ask(question, process.stderr, signal)) ?? '').trim();
}

/** Asks for what nobody may see. Undefined when nothing was answered: ctrl-c, ctrl-d, or the terminal went away. */
export async function secretAnswerTo(question: string, signal?: AbortSignal): Promise<string | undefined> {
	process.stderr.write(question);
	const unseen = new Writable({write: (_chunk, _encoding, done) => done()});
	const answer = await ask('', unseen, signal);
	process.stderr.write('\n');
	return answer;
}

/** Anything but yes is no. */
export async function isAgreed(question: string, signal?: AbortSignal): Promise<boolean> {
	return /^y(?:es)?$/i.test(await answerTo(`${question} [y/N] `, signal));
}

async function ask(
	question: string,
	output: NodeJS.WritableStream,
	signal: AbortSignal | undefined,
): Promise<string | undefined> {
	const questions = createInterface({input: process.stdin, output, terminal: true, historySize: 0});
	const gone = new Promise<undefined>(resolve => questions.once('close', () => resolve(undefined)));
	const leave = () => questions.close();
	questions.once('SIGINT', leave);
	signal?.addEventListener('abort', leave);
	if (signal?.aborted) {
		leave();
	}

	try {
		return await Promise.race([questions.question(question), gone]);
	} finally {
		signal?.removeEventListener('abort', leave);
		questions.close();
	}
}
