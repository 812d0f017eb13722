import type {SftpHost} from './sftp-session.ts';
import {SftpSession} from './sftp-session.ts';
import {packetsOf} from './sftp-wire.ts';

/** The byte stream of one SFTP session. */
export interface SftpStream extends AsyncIterable<Buffer> {
	write(data: Buffer): boolean;
	once(event: 'drain' | 'close', listener: () => void): unknown;
	off(event: 'drain' | 'close', listener: () => void): unknown;
	readonly destroyed: boolean;
}

/** Serves one SFTP session until the stream ends. Requests are answered one after the other, as OpenSSH does. */
export async function serveSftp(stream: SftpStream, host: SftpHost): Promise<void> {
	const session = new SftpSession(host);
	try {
		for await (const packet of packetsOf(stream)) {
			const answer = await session.answer(packet);
			if (stream.destroyed) {
				return;
			}

			if (!stream.write(answer)) {
				await drained(stream);
			}
		}
	} finally {
		await session.close();
	}
}

async function drained(stream: SftpStream): Promise<void> {
	await new Promise<void>(resolve => {
		const done = () => {
			stream.off('drain', done);
			stream.off('close', done);
			resolve();
		};
		stream.once('drain', done);
		stream.once('close', done);
	});
}
