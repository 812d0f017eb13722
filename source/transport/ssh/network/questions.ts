import type {HostKeyQuestion, Prompts, SecretQuestion} from '../../../agent/prompts.ts';
import {Slots} from '../../slots.ts';

/** Somebody has to be asked, and it is not this login's turn to ask: it is broken off and made anew on its turn. */
export class TurnNeeded extends Error {}

/** What a person answered; nothing where nobody can be asked. */
export type Answered<Value> = {readonly value: Value} | 'declined' | 'nobody';

/** All questions of the process: one after the other, and none again that somebody did not want to answer. */
export class Questions {
	readonly #prompts: Prompts | undefined;
	readonly #turns = new Slots(1);
	readonly #declined = new Set<string>();

	constructor(prompts: Prompts | undefined) {
		this.#prompts = prompts;
	}

	/** Whether anybody is there to be asked. */
	get possible(): boolean {
		return this.#prompts !== undefined;
	}

	/** Waits until all who asked before are done. */
	onTurn<Value>(work: () => Promise<Value>): Promise<Value> {
		return this.#turns.use(work);
	}

	/** Asks again what somebody did not want to answer. */
	forgetDeclined(): void {
		this.#declined.clear();
	}

	isDeclined(name: string): boolean {
		return this.#declined.has(name);
	}

	async askHostKey(name: string, question: HostKeyQuestion, signal: AbortSignal): Promise<Answered<true>> {
		return this.#ask(name, signal, async prompts =>
			(await prompts.askHostKey(question, signal)) ? true : undefined,
		);
	}

	async askSecret(name: string, question: SecretQuestion, signal: AbortSignal): Promise<Answered<string>> {
		return this.#ask(name, signal, prompts => prompts.askSecret(question, signal));
	}

	async #ask<Value>(
		name: string,
		signal: AbortSignal,
		ask: (prompts: Prompts) => Promise<Value | undefined>,
	): Promise<Answered<Value>> {
		if (!this.#prompts) {
			return 'nobody';
		}

		if (this.#declined.has(name)) {
			return 'declined';
		}

		const value = await ask(this.#prompts);
		signal.throwIfAborted();
		if (value === undefined) {
			this.#declined.add(name);
			return 'declined';
		}

		return {value};
	}
}
