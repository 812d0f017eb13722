import * as z from 'zod';
import type {HostKeyQuestion, Prompts, SecretQuestion} from '../agent/prompts.ts';

const givenAnswer = z.strictObject({
	kind: z.enum(['passphrase', 'password', 'keyboard-interactive']),
	host: z.string(),
	user: z.string(),
	text: z.string(),
	answer: z.string(),
});

/** What somebody answered, in the form in which one process gives it to the next through a pipe. */
export const givenAnswers = z.array(givenAnswer).max(5000);

export type GivenAnswer = z.infer<typeof givenAnswer>;

/** Passes questions on and keeps the answers in memory, for the runner, whom nobody sits before. */
export class AnswerBook implements Prompts {
	readonly #prompts: Prompts;
	readonly #answers = new Map<string, GivenAnswer>();

	constructor(prompts: Prompts) {
		this.#prompts = prompts;
	}

	askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
		return this.#prompts.askHostKey(question, signal);
	}

	async askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined> {
		const {kind, host, user, text} = question;
		const answer = await this.#prompts.askSecret(question, signal);
		if (answer !== undefined) {
			this.#answers.set(nameOf(question), {kind, host, user, text, answer});
		}

		return answer;
	}

	/** The newest answer to each question. */
	get answers(): readonly GivenAnswer[] {
		return [...this.#answers.values()];
	}

	toJSON(): string {
		return '[secrets]';
	}
}

/** Answers what was answered before, to another process; anything else is not answered. */
export function answeringFrom(answers: readonly GivenAnswer[]): Prompts {
	const known = new Map(answers.map(given => [nameOf(given), given.answer]));
	return {
		// What was accepted stands in known_hosts by now.
		askHostKey: () => Promise.resolve(false),
		askSecret: question => Promise.resolve(question.again ? undefined : known.get(nameOf(question))),
	};
}

function nameOf({kind, host, user, text}: Pick<GivenAnswer, 'kind' | 'host' | 'user' | 'text'>): string {
	return JSON.stringify([kind, host, user, text]);
}
