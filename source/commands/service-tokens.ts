import type {SecretQuestion} from '../agent/prompts.ts';
import type {UserError} from '../domain/user-error.ts';
import type {RefusedToken} from '../transport/http/client/service-client.ts';
import {TokenMissingError} from '../transport/http/client/service-errors.ts';
import type {ServicePlace} from '../transport/http/client/service-place.ts';
import {isTokenLike} from '../transport/http/client/service-token.ts';

export type AskToken = (question: SecretQuestion) => Promise<string | undefined>;

interface GivenToken {
	/** What was given, or is being asked for. */
	readonly token: Promise<string | undefined>;
	/** Why another one was asked for. */
	readonly refusal?: UserError;
}

const noToken = 'That is none: a token begins with dmsu_, and has letters, digits, - and _ only.';

/** What people gave for the services for which no file holds a token; kept in memory only. */
export class ServiceTokens {
	readonly #ask: AskToken | undefined;
	/** By place. */
	readonly #given = new Map<string, GivenToken>();

	/** Without `ask` nobody is there to give one. */
	constructor(ask?: AskToken) {
		this.#ask = ask;
	}

	/**
	 * The token for a service; asked for once, after `greet`, and again where the one that was given is `refused`. Rejects
	 * with the last refusal, or with `TokenMissingError`, where there is none; and as `greet` does.
	 */
	async get(place: ServicePlace, greet: () => Promise<unknown>, refused?: RefusedToken): Promise<string> {
		const {address, port} = place;
		const name = JSON.stringify([address, port]);
		const given = this.#given.get(name);
		const isWrong = given !== undefined && refused !== undefined && (await given.token) === refused.token;
		let current = this.#given.get(name);
		// Several may have been refused at once: only the first of them asks.
		if (!current || (isWrong && current === given)) {
			const asking = greet().then(() => this.#askFor(place, isWrong ? refused.refusal.message : undefined));
			current = {token: asking, ...(isWrong && {refusal: refused.refusal})};
			this.#given.set(name, current);
			// Whoever did not answer may do so later.
			asking.catch(() => this.#given.delete(name));
		}

		const {token, refusal} = current;
		const answer = await token;
		if (answer === undefined) {
			throw (
				refusal ??
				new TokenMissingError(
					address,
					this.#ask
						? 'no file is named that holds it, and it was not given'
						: 'no file is named that holds it, and nobody is there to be asked',
				)
			);
		}

		return answer;
	}

	/** Asks again for what somebody did not want to give. */
	async forgetDeclined(): Promise<void> {
		for (const [name, {token}] of this.#given) {
			if ((await token.catch(() => undefined)) === undefined) {
				this.#given.delete(name);
			}
		}
	}

	/** `wrong`: why what was given before is not the right one. */
	async #askFor({address, port}: ServicePlace, wrong: string | undefined): Promise<string | undefined> {
		let instructions = wrong;
		for (;;) {
			const answer = await this.#ask?.({
				kind: 'token',
				address,
				host: address,
				port,
				user: '',
				text: `Token for the service of dms-upgrade, port ${port}`,
				instructions: instructions ?? '',
				echo: false,
				again: instructions !== undefined,
				goodOnce: false,
			});
			const token = answer?.trim();
			if (token === undefined || token === '') {
				return undefined;
			}

			if (isTokenLike(token)) {
				return token;
			}

			instructions = noToken;
		}
	}
}
