import {once} from 'node:events';
import {type Socket, connect} from 'node:net';
import {onTestFinished} from 'vitest';

export interface Line {
	readonly socket: Socket;
	readonly heard: () => string;
	/** Resolves once the other side has ended the connection. */
	readonly ended: Promise<unknown>;
}

/** A TCP connection to this computer on which anything can be said; from another one of its own addresses, if need be. */
export async function aLine(port: number, localAddress = '127.0.0.1'): Promise<Line> {
	const socket = connect({port, host: '127.0.0.1', localAddress});
	onTestFinished(() => void socket.destroy());
	let heard = '';
	socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
	// A reset is an end, too.
	socket.on('error', () => undefined);
	const ended = new Promise(resolve => {
		socket.once('close', resolve);
	});
	await once(socket, 'connect');
	return {socket, heard: () => heard, ended};
}

/** What is answered to these bytes, until the other side ends the connection. */
export async function say(port: number, ...bytes: readonly string[]): Promise<string> {
	const {socket, heard, ended} = await aLine(port);
	for (const each of bytes) {
		socket.write(each, 'latin1');
	}

	await ended;
	return heard();
}

/** Of HTTP answers, in their order. */
export const statusesOf = (text: string) =>
	[...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
