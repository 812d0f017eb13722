import * as z from 'zod';
import type {HostKeyQuestion, Prompts, SecretQuestion} from '../agent/prompts.ts';

const givenAnswer = z.strictObject({
	kind: z.enum(['passphrase', 'password', 'keyboard-interactive', 'token']),
	host: z.string(),
	port: z.number(),
	user: z.string(),
	text: z.string(),
	answer: z.string(),
});

const acceptedHostKey = z.strictObject({host: z.string(), port: z.number(), fingerprint: z.string()});

/** What somebody answered, in the form in which one process gives it to the next through a pipe. */
export const handoverSchema = z.strictObject({
	answers: z.array(givenAnswer).max(5000),
	hostKeys: z.array(acceptedHostKey).max(5000),
});

export type Handover = z.infer<typeof handoverSchema>;

type GivenAnswer = z.infer<typeof givenAnswer>;
type AcceptedHostKey = z.infer<typeof acceptedHostKey>;

/** Passes questions on and keeps the answers in memory: for the runner, whom nobody sits before. */
export class AnswerBook implements Prompts {
	readonly #prompts: Prompts;
	readonly #answers = new Map<string, GivenAnswer>();
	readonly #hostKeys = new Map<string, AcceptedHostKey>();

	constructor(prompts: Prompts) {
		this.#prompts = prompts;
	}

	async askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
		const accepted = await this.#prompts.askHostKey(question, signal);
		if (accepted) {
			const {host, port, fingerprint} = question;
			this.#hostKeys.set(hostKeyName(question), {host, port, fingerprint});
		}

		return accepted;
	}

	/** What was answered before is answered again, until it turns out to be wrong. */
	async askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined> {
		const name = nameOf(question);
		const before = question.again ? undefined : this.#answers.get(name);
		if (before) {
			return before.answer;
		}

		this.#answers.delete(name);
		const {kind, host, port, user, text, goodOnce} = question;
		const answer = await this.#prompts.askSecret(question, signal);
		if (answer !== undefined && !goodOnce) {
			this.#answers.set(name, {kind, host, port, user, text, answer});
		}

		return answer;
	}

	/** The newest answer to each question, and the host keys that were accepted. */
	get handover(): Handover {
		return {answers: [...this.#answers.values()], hostKeys: [...this.#hostKeys.values()]};
	}

	toJSON(): string {
		return '[secrets]';
	}
}

/** Answers what was answered before, to another process; anything else is not answered. */
export function answeringFrom({answers, hostKeys}: Handover): Prompts {
	const known = new Map(answers.map(given => [nameOf(given), given.answer]));
	// They stand in known_hosts by now, unless the configuration names no file for them.
	const trusted = new Set(hostKeys.map(hostKeyName));
	return {
		askHostKey: question => Promise.resolve(trusted.has(hostKeyName(question))),
		askSecret: question => Promise.resolve(question.again ? undefined : known.get(nameOf(question))),
	};
}

function hostKeyName({host, port, fingerprint}: AcceptedHostKey): string {
	return JSON.stringify([host, port, fingerprint]);
}

/** A passphrase belongs to a key, whichever host asks for it. */
function nameOf({kind, host, port, user, text}: Omit<GivenAnswer, 'answer'>): string {
	return JSON.stringify(kind === 'passphrase' ? [kind, text] : [kind, host, port, user, text]);
}
