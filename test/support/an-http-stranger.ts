import {createHash, randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {IncomingMessage} from 'node:http';
import {request} from 'node:https';
import {type TLSSocket, connect} from 'node:tls';
import {onTestFinished} from 'vitest';
import type {InventoryAgent} from '../../source/config/inventory.ts';
import {eventually} from './eventually.ts';

export interface HttpAnswer {
	readonly status: number;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

/** A client of the service that knows nothing of dms-upgrade: Node's own, on one connection. */
export interface HttpStranger {
	ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
	/** Begins an operation and waits for its end. */
	operation(path: string, body: unknown): Promise<Record<string, unknown>>;
	/** By the tus protocol; answers where. */
	upload(name: string, content: Buffer): Promise<string>;
	/** Resolves when the connection has ended, whoever ended it. */
	readonly ended: Promise<unknown>;
	readonly certificate: string;
	close(): void;
}

/** Connects to the service on an Agent of a lab. */
export async function anHttpStranger({address, service, tokenFile}: InventoryAgent): Promise<HttpStranger> {
	const socket = await tlsSocket(address, service!.port);
	onTestFinished(() => void socket.destroy());
	const {promise: ended, resolve: end} = Promise.withResolvers<undefined>();
	socket.once('close', () => end(undefined));
	const token = readFileSync(tokenFile!, 'utf8').trim();
	let turn: Promise<unknown> = Promise.resolve();
	const exchange = (method: string, path: string, body: unknown, headers: Record<string, string>) =>
		new Promise<HttpAnswer>((resolve, reject) => {
			const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
			const asked = request(
				{
					method,
					path,
					host: address,
					createConnection: () => socket,
					headers: {
						authorization: `Bearer ${token}`,
						connection: 'keep-alive',
						...(bytes && {'content-length': String(bytes.length)}),
						...(bytes && !Buffer.isBuffer(body) && {'content-type': 'application/json'}),
						...headers,
					},
				},
				answer => {
					let text = '';
					answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
					answer.on('end', () =>
						resolve({status: answer.statusCode ?? 0, headers: answer.headers, body: text}),
					);
					answer.on('error', reject);
				},
			);
			asked.on('error', reject);
			void ended.then(() => reject(new Error('The connection ended.')));
			asked.end(bytes);
		});
	const stranger: HttpStranger = {
		ended,
		close: () => void socket.destroy(),
		certificate: socket.getPeerCertificate().fingerprint256,
		ask(method, path, body, headers = {}) {
			const answer = turn.then(() => exchange(method, path, body, headers));
			turn = answer.catch(() => undefined);
			return answer;
		},
		async operation(path, body) {
			const begun = await stranger.ask('POST', path, body, {'idempotency-key': randomUUID()});
			if (begun.status !== 202) {
				throw new Error(`${path}: ${begun.status} ${begun.body}`);
			}

			let state: Record<string, unknown> = {};
			await eventually(async () => {
				state = JSON.parse((await stranger.ask('GET', begun.headers.location!)).body) as typeof state;
				return state['state'] !== 'running';
			});
			return state;
		},
		async upload(name, content) {
			const sha256 = createHash('sha256').update(content).digest('hex');
			const base64 = (text: string) => Buffer.from(text).toString('base64');
			const tus = {'tus-resumable': '1.0.0'};
			const made = await stranger.ask('POST', '/v1/uploads', undefined, {
				...tus,
				'upload-length': String(content.length),
				'upload-metadata': `filename ${base64(name)},sha256 ${base64(sha256)}`,
			});
			const location = made.headers.location;
			if (location === undefined) {
				throw new Error(`${made.status} ${made.body}`);
			}

			await stranger.ask('PATCH', location, content, {
				...tus,
				'upload-offset': '0',
				'content-type': 'application/offset+octet-stream',
			});
			return location;
		},
	};
	return stranger;
}

async function tlsSocket(host: string, port: number): Promise<TLSSocket> {
	return new Promise((resolve, reject) => {
		// Whose certificate it is, the test says.
		const socket = connect({host, port, rejectUnauthorized: false}, () => resolve(socket));
		socket.on('error', reject);
	});
}

/** Uploads a package and has it carried out; comes back when the launch was asked for. */
export async function launchOverHttp(stranger: HttpStranger, packagePath: string): Promise<void> {
	const content = readFileSync(packagePath);
	const name = basename(packagePath);
	const sha256 = createHash('sha256').update(content).digest('hex');
	await stranger.upload(name, content);
	await stranger.operation('/v1/packages', {name, size: content.length, sha256});
	await stranger.operation('/v1/launches', {
		run: 'run-1',
		package: {sha256, name},
		options: {
			ExtractAllFiles: true,
			DelayedStart: true,
			AutomaticStartServices: true,
			StopSNMP: false,
			RebootAfterUpgrade: false,
		},
	});
}
