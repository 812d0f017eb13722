import {homedir} from 'node:os';
import {
	type Prompts,
	type SecretQuestion,
	serviceCertificate,
	webServerCertificate,
} from '../agent/prompts.ts';
import {knownServicesFile} from '../config/config-folder.ts';
import type {Failure} from '../domain/user-error.ts';
import {visibleText} from '../domain/text.ts';
import {ServiceTrust} from '../transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../transport/http/client/known-certificates.ts';
import type {BackoffLimits} from '../transport/ssh/network/backoff.ts';
import {SshNetwork} from '../transport/ssh/network/ssh-network.ts';
import {type UnsupportedOption, placeText} from '../transport/ssh/client-config/config-errors.ts';
import {AnswerBook, type Handover} from './answer-book.ts';
import {PatientClock} from './patient-clock.ts';
import {ServiceTokens} from './service-tokens.ts';
import {systemClock} from './system-clock.ts';

/** Before a connection is made again that failed or was lost, in milliseconds of the Agent's time. */
const reconnect: BackoffLimits = {firstMs: 500, mostMs: 10_000};

export interface SshAccessOptions {
	/** Who is asked about host keys and for secrets; nobody without it. */
	readonly prompts?: Prompts | undefined;
	/** Host keys that nobody knows yet are accepted and written down without asking. */
	readonly acceptNewHostKeys?: boolean;
	/** Told what is not as it was asked for, such as what of the SSH configuration is not followed; each thing once. */
	readonly notice?: ((failure: Failure) => void) | undefined;
}

/** How this process reaches Agents: who is asked on the way, and what was answered. */
export class SshAccess {
	/** For limits in which a person may be asked. */
	readonly clock = new PatientClock(systemClock);
	readonly #options: SshAccessOptions;
	readonly #book: AnswerBook | undefined;
	/** By how much faster time runs. */
	readonly #networks = new Map<number, SshNetwork>();
	readonly #noticed = new Set<string>();
	#serviceTrust: ServiceTrust | undefined;
	/** For the services of this program on Agents. */
	readonly serviceTokens: ServiceTokens;

	constructor(options: SshAccessOptions = {}) {
		this.#options = options;
		const {prompts} = options;
		this.#book =
			prompts &&
			new AnswerBook({
				askHostKey: (question, signal) => this.clock.standStill(() => prompts.askHostKey(question, signal)),
				askSecret: (question, signal) => this.clock.standStill(() => prompts.askSecret(question, signal)),
			});
		const book = this.#book;
		this.serviceTokens = new ServiceTokens(
			book && (question => book.askSecret(question, new AbortController().signal)),
		);
	}

	/** Whether anybody is there to be asked. */
	get asks(): boolean {
		return this.#book !== undefined;
	}

	/** What was answered until now, for the process that carries a run out. */
	get handover(): Handover | undefined {
		const handover = this.#book?.handover;
		return handover && handover.answers.length + handover.hostKeys.length > 0 ? handover : undefined;
	}

	/** What all connections have in common, where time runs so much faster. */
	network(speed: number): SshNetwork {
		const known = this.#networks.get(speed);
		if (known) {
			return known;
		}

		const {acceptNewHostKeys = false} = this.#options;
		const network = new SshNetwork({
			...(this.#book && {prompts: this.#book}),
			acceptNewHostKeys,
			reconnect: {firstMs: reconnect.firstMs / speed, mostMs: reconnect.mostMs / speed},
			clock: systemClock,
		});
		this.#networks.set(speed, network);
		return network;
	}

	/** What the certificates of services are held against. */
	get serviceTrust(): ServiceTrust {
		const {acceptNewHostKeys = false} = this.#options;
		const book = this.#book;
		return (this.#serviceTrust ??= new ServiceTrust({
			known: new KnownCertificates(
				knownServicesFile({environment: process.env, platform: process.platform, home: homedir()}),
			),
			acceptNew: acceptNewHostKeys,
			...(book && {
				ask({address, port, isWebServer = false}, fingerprint) {
					const keyType = isWebServer ? webServerCertificate : serviceCertificate;
					return book.askHostKey(
						{address, host: address, port, keyType, fingerprint, otherNames: []},
						new AbortController().signal,
					);
				},
			}),
		}));
	}

	/** Nothing where nobody is there to be asked, or does not want to answer. */
	async askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined> {
		return this.#book?.askSecret(question, signal);
	}

	/** Asks again what somebody did not want to answer. */
	askAgain(): void {
		void this.serviceTokens.forgetDeclined();
		void this.#serviceTrust?.forgetDeclined();
		for (const network of this.#networks.values()) {
			network.askAgain();
		}
	}

	/** Tells whoever runs the program what goes wrong without ending it. */
	tell(failure: Failure): void {
		this.#options.notice?.(failure);
	}

	/** Tells what of the SSH configuration is not followed: what has the same consequence, together. */
	note(options: readonly UnsupportedOption[]): void {
		const fresh = options.filter(option => {
			const place = placeText(option);
			const isNew = !this.#noticed.has(place);
			this.#noticed.add(place);
			return isNew;
		});
		for (const [consequence, same] of Map.groupBy(fresh, option => option.consequence)) {
			const lines = same.map(option => `${visibleText(option.keyword, 60)} (${placeText(option)})`);
			this.tell({
				code: 'SSH_CONFIG_NOT_FOLLOWED',
				message: `Not followed in the SSH configuration: ${lines.join(', ')}; ${consequence}.`,
				nextSteps: [...new Set(same.map(({remedy}) => remedy))],
			});
		}
	}
}
