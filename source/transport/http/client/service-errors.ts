import {MachineError, UnreachableError} from '../../../agent/machine-errors.ts';
import type {ServicePlace} from './service-place.ts';

/** Plain HTTP would show the token to everybody between. Nothing was sent. */
export class PlainServiceRefusedError extends MachineError {
	readonly code = 'PLAIN_HTTP_REFUSED';
	readonly nextSteps = ['Take “plain” out of the service of this Agent; dms-upgrade serve speaks HTTPS.'];
	constructor(address: string) {
		super(
			address,
			`${address} is not this computer, and plain HTTP would show the token to everybody between.`,
		);
	}
}

/** The certificate is not the one that is known for this service. Nothing was sent. */
export class CertificateChangedError extends MachineError {
	readonly code = 'CERTIFICATE_CHANGED';
	constructor(
		readonly place: ServicePlace,
		readonly known: string,
		readonly offered: string,
		/** Where the known one stands. */
		readonly knownBy: string,
	) {
		super(
			place.address,
			`The ${nameOf(place)} on ${place.address} shows the certificate ${offered}, but ${knownBy} knows it by ${known}. Either it was replaced, or somebody stands between. Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [
			`Ask whoever runs ${this.place.address} whether its certificate was replaced, and compare the fingerprint.`,
			`If so, put the new fingerprint into ${this.knownBy}, or take the old one out.`,
		];
	}
}

/** Nobody knows the certificate, and nobody was there to accept it. Nothing was sent. */
export class CertificateUnknownError extends MachineError {
	readonly code = 'CERTIFICATE_UNKNOWN';
	constructor(
		readonly place: ServicePlace,
		readonly offered: string,
	) {
		super(
			place.address,
			`No certificate is known for the ${nameOf(place)} on ${place.address}, which shows ${offered}. Nothing was sent.`,
		);
	}

	get nextSteps() {
		if (this.place.isWebServer) {
			return [
				'Compare it with the SHA-256 fingerprint of the certificate that IIS has there, as a browser shows it.',
				'If they are the same: connect from a terminal and answer yes, or add --accept-new-host-keys.',
			];
		}

		return [
			'Compare it with the fingerprint that dms-upgrade serve prints there when it starts.',
			'If they are the same: add it as “certificate” to the service of this Agent, connect from a terminal and answer yes, or add --accept-new-host-keys.',
		];
	}
}

/** The token for the service of an Agent cannot be had. Nothing was sent. */
export class TokenMissingError extends MachineError {
	readonly code = 'TOKEN_MISSING';
	constructor(address: string, reason: string, options?: ErrorOptions) {
		super(address, `There is no token for the service on ${address}: ${reason}.`, options);
	}

	get nextSteps() {
		return [
			'Make one on the Agent: dms-upgrade serve token --scope upgrade.',
			'Put it into a file that only you can read, and name that as “tokenFile” of the Agent.',
			'Or name no file, and give the token where dms-upgrade asks for it, on a terminal.',
		];
	}
}

/** No connection to the service could be made. */
export class ServiceUnreachableError extends UnreachableError {
	constructor(
		readonly place: ServicePlace,
		readonly reason: string,
		options?: ErrorOptions,
	) {
		super(place.address, reason, options);
	}

	override get nextSteps() {
		const {address, port} = this.place;
		return [
			`Check that ${address} is on, that dms-upgrade serve runs there, and that nothing blocks the way to its port ${port}.`,
		];
	}
}

/** The proxy that the environment names does not let anybody through to the service. */
export class ProxyRefusedError extends UnreachableError {
	constructor(
		readonly place: ServicePlace,
		reason: string,
		options?: ErrorOptions,
	) {
		super(place.address, reason, options);
	}

	override get nextSteps() {
		const {address, port} = this.place;
		return [
			`Check HTTPS_PROXY, and whether that proxy may connect to ${address} port ${port}.`,
			`If no proxy is needed for it: put ${address} into NO_PROXY.`,
		];
	}
}

/** What answers is not this program's service, or another version of it. */
export class NotOurServiceError extends MachineError {
	readonly code = 'NOT_THE_SERVICE';
	constructor(address: string, answer: string, options?: ErrorOptions) {
		super(
			address,
			`What answers on ${address} is not the service of dms-upgrade, or one of another version: ${answer}.`,
			options,
		);
	}

	get nextSteps() {
		return [
			'Check the port of the service in the file of clusters.',
			'Check that dms-upgrade on the Agent and here are of the same version.',
		];
	}
}

function nameOf({isWebServer = false}: ServicePlace): string {
	return isWebServer ? 'web server' : 'service';
}
