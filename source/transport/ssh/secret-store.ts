import {inspect} from 'node:util';
import type {ParsedKey} from 'ssh2';

/**
 * What people answered, in memory only and as long as the program runs, so that a connection that is made anew does
 * not ask again. Nothing of it can be printed by accident.
 */
export class SecretStore {
	readonly #answers = new Map<string, string>();
	readonly #keys = new Map<string, ParsedKey>();

	answer(name: string): string | undefined {
		return this.#answers.get(name);
	}

	hasAnswers(prefix: string): boolean {
		return [...this.#answers.keys()].some(name => name.startsWith(prefix));
	}

	keepAnswer(name: string, answer: string): void {
		this.#answers.set(name, answer);
	}

	forgetAnswer(name: string): void {
		this.#answers.delete(name);
	}

	/** A private key that was unlocked. */
	key(name: string): ParsedKey | undefined {
		return this.#keys.get(name);
	}

	keepKey(name: string, key: ParsedKey): void {
		this.#keys.set(name, key);
	}

	clear(): void {
		this.#answers.clear();
		this.#keys.clear();
	}

	toJSON(): string {
		return '[secrets]';
	}

	toString(): string {
		return '[secrets]';
	}

	[inspect.custom](): string {
		return '[secrets]';
	}
}
