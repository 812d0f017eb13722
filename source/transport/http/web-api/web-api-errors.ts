import {MachineError, UnreachableError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import type {ServiceUnreachableError} from '../client/service-errors.ts';
import type {ServicePlace} from '../client/service-place.ts';

/** DataMiner does not let this user in, or did not run. */
export class WebApiRefusedError extends MachineError {
	readonly code = 'WEB_API_REFUSED';
	/** The login was good once and is not any more. Source: Using_the_Web_Services_v1.md */
	readonly connectionIsGone: boolean;
	readonly nextSteps = [
		'Check the user name and the password: those of a DataMiner user, who may use the web API.',
		'Check that DataMiner runs there.',
	];

	constructor(address: string, reason: string) {
		super(address, `DataMiner on ${address} refused: ${visibleText(reason, 300)}`);
		this.connectionIsGone = /no connection available/i.test(reason);
	}
}

/** There is no web API of DataMiner, or it is not as it is documented. */
export class NoWebApiError extends MachineError {
	readonly code = 'NO_WEB_API';
	constructor(
		address: string,
		reason: string,
		readonly nextSteps: readonly string[],
		options?: ErrorOptions,
	) {
		super(address, `${address} has no web API of DataMiner that could be used: ${reason}.`, options);
	}
}

/** Nothing was sent. Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md */
export class WebServerUnreachableError extends UnreachableError {
	readonly #place: ServicePlace;
	constructor({place, reason, cause}: ServiceUnreachableError) {
		super(place.address, reason, {cause});
		this.#place = place;
	}

	override get nextSteps() {
		const {address, port} = this.#place;
		return [
			`Where it refuses: check that IIS (the service W3SVC) runs on ${address}, and listens on port ${port}.`,
			'Where nothing answers in time: look for a firewall between.',
			'Or discover over SSH: --discover HOST.',
		];
	}
}

/** Plain HTTP would show the password to everybody between. Nothing was sent. */
export class PlainWebApiRefusedError extends MachineError {
	readonly code = 'PLAIN_HTTP_REFUSED';
	readonly nextSteps = ['Write https:// before the address.'];
	constructor(address: string) {
		super(
			address,
			`${address} is not this computer, and plain HTTP would show the password to everybody between.`,
		);
	}
}
