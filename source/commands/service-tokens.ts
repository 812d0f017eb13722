import type {SecretQuestion} from '../agent/prompts.ts';
import {TokenMissingError} from '../transport/http/client/service-errors.ts';
import type {ServicePlace} from '../transport/http/client/service-place.ts';

export type AskToken = (question: SecretQuestion) => Promise<string | undefined>;

/** What people gave for the services for which no file holds a token; kept in memory only. */
export class ServiceTokens {
	readonly #ask: AskToken | undefined;
	/** By place: what was given, or is being asked for. */
	readonly #given = new Map<string, Promise<string | undefined>>();

	/** Without `ask` nobody is there to give one. */
	constructor(ask?: AskToken) {
		this.#ask = ask;
	}

	/**
	 * The token for a service; asked for once, after `greet`, and again where `refused` is the one that was given. Rejects
	 * with `TokenMissingError` where there is none, and as `greet` does.
	 */
	async get(place: ServicePlace, greet: () => Promise<unknown>, refused?: string): Promise<string> {
		const {address, port} = place;
		const name = JSON.stringify([address, port]);
		const given = this.#given.get(name);
		const isWrong = given !== undefined && refused !== undefined && (await given) === refused;
		// Several may have been refused at once: only the first of them asks.
		if (!given || (isWrong && this.#given.get(name) === given)) {
			const asking = greet().then(() => this.#askFor(place, isWrong));
			this.#given.set(name, asking);
			// Whoever did not answer may do so later.
			asking.catch(() => this.#given.delete(name));
		}

		const token = await this.#given.get(name);
		if (token === undefined) {
			throw new TokenMissingError(
				address,
				this.#ask
					? 'no file is named that holds it, and it was not given'
					: 'no file is named that holds it, and nobody is there to be asked',
			);
		}

		return token;
	}

	/** Asks again for what somebody did not want to give. */
	async forgetDeclined(): Promise<void> {
		for (const [name, given] of this.#given) {
			if ((await given.catch(() => undefined)) === undefined) {
				this.#given.delete(name);
			}
		}
	}

	async #askFor({address, port}: ServicePlace, again: boolean): Promise<string | undefined> {
		const answer = await this.#ask?.({
			kind: 'token',
			address,
			host: address,
			port,
			user: '',
			text: `Token for the service of dms-upgrade, port ${port}`,
			instructions: '',
			echo: false,
			again,
			goodOnce: false,
		});
		const token = answer?.trim();
		return token === '' ? undefined : token;
	}
}
