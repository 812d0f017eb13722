import type {TLSSocket} from 'node:tls';
import {NotOurServiceError, CertificateChangedError, CertificateUnknownError} from './service-errors.ts';
import type {KnownCertificates} from './known-certificates.ts';
import type {ServicePlace} from './service-place.ts';

/** Whether to trust a service that nobody knows yet. What is accepted is remembered for good. */
export type AskCertificate = (place: ServicePlace, fingerprint: string) => Promise<boolean>;

export interface CertificateTrustOptions {
	readonly known: KnownCertificates;
	/** Nobody is asked where it is missing. */
	readonly ask?: AskCertificate;
	readonly acceptNew?: boolean;
}

/** Trusts the pinned certificate, one that an authority vouches for, and else what somebody accepted once. */
export class ServiceTrust {
	readonly #options: CertificateTrustOptions;
	/** What somebody was asked already, with the answer: nobody is asked the same twice. */
	readonly #answers = new Map<string, Promise<boolean>>();

	constructor(options: CertificateTrustOptions) {
		this.#options = options;
	}

	/** Answers whether somebody had to be asked. Rejects with `CertificateChangedError` and `CertificateUnknownError`. */
	async check(place: ServicePlace, socket: TLSSocket): Promise<boolean> {
		const offered = socket.getPeerX509Certificate()?.fingerprint256;
		if (offered === undefined) {
			throw new NotOurServiceError(place.address, 'it shows no certificate');
		}

		const {known} = this.#options;
		if (place.certificate !== undefined) {
			if (place.certificate !== offered) {
				throw new CertificateChangedError(place, place.certificate, offered, 'the file of clusters');
			}

			return false;
		}

		const before = await known.find(place);
		if (before === offered) {
			return false;
		}

		if (before !== undefined) {
			throw new CertificateChangedError(place, before, offered, known.file);
		}

		// Its name was checked, too: against the one that was connected to.
		if (socket.authorized) {
			return false;
		}

		if (!(await this.#isAccepted(place, offered))) {
			throw new CertificateUnknownError(place, offered);
		}

		return true;
	}

	/** Asks again about what somebody did not want to trust. */
	async forgetDeclined(): Promise<void> {
		for (const [question, answer] of this.#answers) {
			if (!(await answer)) {
				this.#answers.delete(question);
			}
		}
	}

	#isAccepted(place: ServicePlace, offered: string): Promise<boolean> {
		const question = `${place.address} ${place.port} ${offered}`;
		const asked = this.#answers.get(question) ?? this.#accept(place, offered);
		this.#answers.set(question, asked);
		return asked;
	}

	async #accept(place: ServicePlace, offered: string): Promise<boolean> {
		const {known, ask, acceptNew = false} = this.#options;
		const accepted = acceptNew || ((await ask?.(place, offered)) ?? false);
		if (accepted) {
			await known.add(place, offered);
		}

		return accepted;
	}
}
