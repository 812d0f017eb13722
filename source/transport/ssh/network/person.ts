import type {HostKeyQuestion, SecretQuestion} from '../../../agent/prompts.ts';
import {type Answered, type Questions, TurnNeeded} from './questions.ts';

/** What one login may ask of a person. The time that the answers take is not the server's. */
export class Person {
	/** Whether somebody was asked since the login began. */
	asked = false;
	readonly #questions: Questions;
	readonly #onTurn: boolean;
	readonly #signal: AbortSignal;
	#whileAsking: (asking: boolean) => void = () => undefined;

	constructor(questions: Questions, {onTurn, signal}: {onTurn: boolean; signal: AbortSignal}) {
		this.#questions = questions;
		this.#onTurn = onTurn;
		this.#signal = signal;
	}

	get possible(): boolean {
		return this.#questions.possible;
	}

	/** Called with true before a question and with false after its answer. */
	set whileAsking(listener: (asking: boolean) => void) {
		this.#whileAsking = listener;
	}

	/** Gets the turn for what is going to be asked. @throws TurnNeeded */
	prepare(name: string): void {
		if (this.#questions.possible && !this.#onTurn && !this.#questions.isDeclined(name)) {
			throw new TurnNeeded();
		}
	}

	/** @throws TurnNeeded */
	hostKey(name: string, question: HostKeyQuestion): Promise<Answered<true>> {
		return this.#ask(name, () => this.#questions.askHostKey(name, question, this.#signal));
	}

	/** @throws TurnNeeded */
	secret(name: string, question: SecretQuestion): Promise<Answered<string>> {
		return this.#ask(name, () => this.#questions.askSecret(name, question, this.#signal));
	}

	async #ask<Value>(name: string, ask: () => Promise<Answered<Value>>): Promise<Answered<Value>> {
		this.prepare(name);
		this.#whileAsking(true);
		try {
			const answered = await ask();
			this.asked ||= typeof answered === 'object';
			return answered;
		} finally {
			this.#whileAsking(false);
		}
	}
}
