import {createInterface} from 'node:readline/promises';

/** Whether a person can be asked on the terminal. */
export function isAnybodyThere(): boolean {
	return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on stderr, so that stdout holds results only. Empty when the terminal went away. */
export async function answerTo(question: string): Promise<string> {
	const questions = createInterface({input: process.stdin, output: process.stderr});
	const gone = new Promise<string>(resolve => questions.once('close', () => resolve('')));
	try {
		return (await Promise.race([questions.question(question), gone])).trim();
	} finally {
		questions.close();
	}
}

/** Anything but yes is no. */
export async function isAgreed(question: string): Promise<boolean> {
	return /^y(?:es)?$/i.test(await answerTo(`${question} [y/N] `));
}
