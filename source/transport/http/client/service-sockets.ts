import {Agent, type AgentOptions, type ClientRequestArgs} from 'node:http';
import {connect as connectTcp, isIP} from 'node:net';
import type {Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import {type TLSSocket, connect as connectTls} from 'node:tls';
import {visibleText} from '../../../domain/text.ts';
import {isLoopback} from '../api/loopback.ts';
import type {ServiceTrust} from './certificate-trust.ts';
import {proxyFor, tunnelThrough} from './proxy-tunnel.ts';
import type {ServicePlace} from './service-place.ts';
import {PlainServiceRefusedError, ServiceUnreachableError} from './service-errors.ts';

const connectLimitMs = 15_000;

/**
 * The connections to one service, kept and used again. Nothing is sent on one before its certificate was found to be
 * the right one.
 */
export class ServiceSockets extends Agent {
	readonly #place: ServicePlace;
	readonly #trust: ServiceTrust;

	constructor(place: ServicePlace, trust: ServiceTrust, options: AgentOptions = {}) {
		super({keepAlive: true, maxSockets: 16, maxFreeSockets: 4, ...options});
		this.#place = place;
		this.#trust = trust;
	}

	override createConnection(
		_options: ClientRequestArgs,
		callback: (error: Error | null, socket: Duplex) => void,
	): undefined {
		this.#open().then(
			socket => callback(null, socket),
			(error: unknown) => callback(asError(error), undefined as unknown as Duplex),
		);
	}

	async #open(isSecond = false): Promise<Duplex> {
		const {address, plain} = this.#place;
		if (plain && !isLoopback(address)) {
			throw new PlainServiceRefusedError(address);
		}

		const proxy = proxyFor(this.#place);
		const socket = await (proxy ? tunnelThrough(proxy, this.#place, connectLimitMs) : this.#reach());
		socket.setNoDelay(true);
		if (plain) {
			return socket;
		}

		const {secured, asked} = await this.#secure(socket);
		if (!asked || isSecond) {
			return secured;
		}

		// No service waits as long as a person may think about a certificate; the answer is known by now.
		secured.destroy();
		return this.#open(true);
	}

	#reach(): Promise<Socket> {
		const {address, port} = this.#place;
		return settled(
			this.#place,
			connectTcp({host: address, port, noDelay: true, autoSelectFamily: true}),
			'connect',
		);
	}

	async #secure(socket: Socket): Promise<{readonly secured: TLSSocket; readonly asked: boolean}> {
		const {address} = this.#place;
		const secured = await settled(
			this.#place,
			// Whether it is the right one is judged below, before anything is sent.
			connectTls({
				socket,
				// The name that a certificate of an authority has to bear.
				host: address,
				rejectUnauthorized: false,
				minVersion: 'TLSv1.2',
				ALPNProtocols: ['http/1.1'],
				...(isIP(address) === 0 && {servername: address}),
			}),
			'secureConnect',
		);
		try {
			return {secured, asked: await this.#trust.check(this.#place, secured)};
		} catch (error) {
			secured.destroy();
			throw error;
		}
	}
}

async function settled<Kind extends Socket>(
	place: ServicePlace,
	socket: Kind,
	event: 'connect' | 'secureConnect',
): Promise<Kind> {
	const limit = setTimeout(
		() => socket.destroy(new Error(`no answer within ${connectLimitMs / 1000} s`)),
		connectLimitMs,
	);
	try {
		return await new Promise((resolve, reject) => {
			socket.once(event, () => resolve(socket));
			socket.once('error', reject);
			socket.once('close', () => reject(new Error('the connection was closed at once')));
		});
	} catch (error) {
		throw new ServiceUnreachableError(place, reasonOf(error), {cause: error});
	} finally {
		clearTimeout(limit);
	}
}

function reasonOf(error: unknown): string {
	const {code, message} = asError(error) as NodeJS.ErrnoException;
	switch (code) {
		case 'ECONNREFUSED':
			return 'nothing listens there, or a firewall refuses it';
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return 'nobody knows this name';
		case 'EPROTO':
		case 'ERR_SSL_WRONG_VERSION_NUMBER':
		case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
			return 'what answers there does not speak TLS';
		default:
			return visibleText(message, 200);
	}
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
