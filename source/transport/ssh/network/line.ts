import {type Socket, connect} from 'node:net';
import type {Duplex} from 'node:stream';
import {UnreachableError} from '../../../agent/machine-errors.ts';
import type {AddressFamily} from '../client-config/option-values.ts';
import {connectError, forwardError} from '../ssh-errors.ts';
import type {SshSession} from '../ssh-session.ts';

/** The bytes between us and an SSH server. */
export interface Line {
	readonly stream: Duplex;
	/** So many came in until now. */
	readonly bytesRead: number;
	destroy(): void;
}

/** Where to connect to, and how long at most to wait for that. */
export interface LineTarget {
	/** For messages. */
	readonly address: string;
	readonly host: string;
	readonly port: number;
	readonly addressFamily: AddressFamily;
	readonly limitMs: number;
	readonly signal: AbortSignal;
}

/** A host with several addresses may be slow at the first one; it is waited for this long before the next is tried. */
const nextAddressMs = 2500;

const families = {any: 0, inet: 4, inet6: 6} as const;

/** Connects to a server itself. */
export function openLine({address, host, port, addressFamily, limitMs, signal}: LineTarget): Promise<Line> {
	return new Promise((resolve, reject) => {
		const socket = connect({
			host,
			port,
			family: families[addressFamily],
			noDelay: true,
			autoSelectFamilyAttemptTimeout: nextAddressMs,
		});
		const settle = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', giveUp);
			socket.removeAllListeners('error');
			// From here on ssh2 listens; this one only keeps an early error from ending the process.
			socket.on('error', () => undefined);
		};
		const fail = (error: unknown) => {
			settle();
			socket.destroy();
			reject(error instanceof Error ? error : new Error(String(error)));
		};
		const giveUp = () => fail(signal.reason);
		const timer = setTimeout(() => fail(noAnswer(address, limitMs)), limitMs);
		signal.addEventListener('abort', giveUp, {once: true});
		socket.once('error', error => fail(connectError(address, error)));
		socket.once('connect', () => {
			settle();
			gatherWrites(socket);
			resolve({
				stream: socket,
				get bytesRead() {
					return socket.bytesRead;
				},
				destroy: () => void socket.destroy(),
			});
		});
	});
}

/** Gives the system at once what is written in one turn: ssh2 writes each packet by itself, which costs a call each. */
function gatherWrites(socket: Socket): void {
	const write: (bytes: Uint8Array | string) => boolean = socket.write.bind(socket);
	let gathering = false;
	socket.write = (bytes: Uint8Array | string) => {
		if (!gathering) {
			gathering = true;
			socket.cork();
			process.nextTick(() => {
				gathering = false;
				socket.uncork();
			});
		}

		return write(bytes);
	};
}

/** Connects to a server from another one. */
export async function openLineThrough(
	jump: SshSession,
	jumpName: string,
	{address, host, port, limitMs, signal}: LineTarget,
): Promise<Line> {
	const opening = jump.forward(host, port);
	let timer: NodeJS.Timeout | undefined;
	let giveUp: (() => void) | undefined;
	try {
		const stream = await Promise.race([
			opening,
			new Promise<never>((_, reject) => {
				giveUp = () => reject(signal.reason as Error);
				timer = setTimeout(() => reject(noAnswer(address, limitMs)), limitMs);
				signal.addEventListener('abort', giveUp, {once: true});
			}),
		]);
		let bytesRead = 0;
		stream.on('error', () => undefined);
		// Whoever reads the stream starts it; this only counts along.
		stream.pause();
		stream.on('data', (bytes: Buffer) => (bytesRead += bytes.length));
		return {
			stream,
			get bytesRead() {
				return bytesRead;
			},
			destroy: () => void stream.destroy(),
		};
	} catch (error) {
		opening.then(
			stream => stream.destroy(),
			() => undefined,
		);
		throw error instanceof UnreachableError || signal.aborted
			? error
			: forwardError(address, jumpName, error);
	} finally {
		clearTimeout(timer);
		if (giveUp) {
			signal.removeEventListener('abort', giveUp);
		}
	}
}

function noAnswer(address: string, limitMs: number): UnreachableError {
	return new UnreachableError(address, `it did not answer within ${Math.round(limitMs / 1000)} s`);
}
