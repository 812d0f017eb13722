import {createHash, randomBytes} from 'node:crypto';
import {mkdir, readdir, rm, stat} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import path from 'node:path';
import {EVENTS, Server, type Upload as TusUpload} from '@tus/server';
import * as z from 'zod';
import {isPlainFileName} from '../../../agent/windows-path.ts';
import {sha256Schema} from '../api/agent-schemas.ts';
import {storedHeader, tusVersion, uploadsPath} from '../api/paths.ts';
import {roomIn} from './disk-room.ts';
import {TusError, UploadLocks, UploadStore} from './upload-store.ts';

/** A package that has arrived, or is on its way. */
export interface Upload {
	readonly id: string;
	/** On the computer of the service. */
	readonly file: string;
	readonly bytes: number;
}

export interface UploadsOptions {
	readonly folder: string;
	/** Of one package. */
	readonly mostBytes: number;
	/** On the disk of the folder. */
	readonly leftFreeBytes: number;
	/** The ids of the tokens that are good now. */
	readonly clients: () => Promise<ReadonlySet<string>>;
	/** Hears of failures that nobody foresaw. */
	readonly onFailure: (error: unknown) => void;
}

const metadataSchema = z.object({filename: z.string().refine(isPlainFileName), sha256: sha256Schema});

/** A hint costs as much as a write: there is one for so many bytes. Whoever waits for hints has to send more than that on. */
const toldBytes = 128 * 1024;

/** Someone who sends to an upload and wants to hear how much of it is stored. */
interface Listener {
	readonly response: ServerResponse;
	/** So many bytes were told of. */
	told: number;
}

/** An upload that nobody finished is thrown away after this. */
const keptMs = 7 * 24 * 60 * 60_000;
const mostUploads = 10;
/** The SHA-256 of the package; then eight digits that tell who began it, and eight of chance. */
const uploadId = /^[\da-f]{64}\.[\da-f]{16}$/;

/** The packages that arrive by the tus protocol, in a folder that holds nothing else. Source: tus.io/protocols/resumable-upload */
export class Uploads {
	readonly #folder: string;
	readonly #leftFreeBytes: number;
	readonly #goodClients: () => Promise<ReadonlySet<string>>;
	readonly #onFailure: (error: unknown) => void;
	readonly #store: UploadStore;
	readonly #tus: Server;
	/** Who asks, while it is asked. */
	readonly #clients = new WeakMap<IncomingMessage, string>();
	/** Fulfilled when whoever begins an upload at the moment has done so: each counts those before it. */
	#begun = Promise.resolve<undefined>(undefined);
	/** Ends the turn of a request that begins an upload. */
	readonly #endTurn = new WeakMap<IncomingMessage, () => void>();
	/** By the id of the upload. */
	readonly #listeners = new Map<string, Listener>();

	/** The folder must be there. */
	private constructor({folder, mostBytes, leftFreeBytes, clients, onFailure}: UploadsOptions) {
		this.#folder = folder;
		this.#leftFreeBytes = leftFreeBytes;
		this.#goodClients = clients;
		this.#onFailure = onFailure;
		this.#store = new UploadStore(
			{directory: folder, expirationPeriodInMilliseconds: keptMs},
			(id, uploaded) => this.#tell(id, uploaded),
		);
		this.#tus = new Server({
			path: uploadsPath,
			datastore: this.#store,
			locker: new UploadLocks(),
			relativeLocation: true,
			maxSize: mostBytes,
			// No page of a browser has any business here.
			allowedOrigins: () => false,
			namingFunction: async ({runtime}, metadata) => {
				const request = runtime?.node?.req as IncomingMessage;
				await this.#takeTurn(request);
				return this.#newId(this.#clients.get(request) ?? '', metadata);
			},
			getFileIdFromRequest: (_request, last) => (last && uploadId.test(last) ? last : undefined),
			onUploadCreate: async (_request, {size}) => {
				await this.#checkRoom(size ?? 0);
				return {};
			},
			onResponseError: (_request, error) => refusal(error, onFailure),
		});
		this.#tus.on(EVENTS.POST_CREATE, ({runtime}) =>
			this.#endTurn.get(runtime?.node?.req as IncomingMessage)?.(),
		);
	}

	/** Makes the folder where it is missing. */
	static async open(options: UploadsOptions): Promise<Uploads> {
		await mkdir(options.folder, {recursive: true, mode: 0o700});
		return new Uploads(options);
	}

	/** Throws away what nobody finished in time. */
	async cleanUp(): Promise<void> {
		await this.#tus.cleanUpExpiredUploads();
	}

	/** `client`: the id of the token with which it is asked. */
	async handle(request: IncomingMessage, response: ServerResponse, client: string): Promise<void> {
		this.#clients.set(request, client);
		const [, id = ''] = /\/([^/?]+)$/.exec(request.url?.split('?')[0] ?? '') ?? [];
		if (request.method === 'PATCH' && request.headers[storedHeader] !== undefined) {
			const listener = {response, told: -toldBytes};
			this.#listeners.set(id, listener);
			response.once('close', () => {
				if (this.#listeners.get(id) === listener) {
					this.#listeners.delete(id);
				}
			});
		}

		try {
			await this.#tus.handle(request, response);
		} finally {
			this.#endTurn.get(request)?.();
		}
	}

	async #takeTurn(request: IncomingMessage): Promise<void> {
		const before = this.#begun;
		const {promise, resolve} = Promise.withResolvers<undefined>();
		this.#begun = promise;
		this.#endTurn.set(request, () => resolve(undefined));
		await before;
	}

	/** Tells whoever sends an upload, and asked for it, how much of it is in its file. Source: RFC 8297 (status 103) */
	#tell(id: string, bytes: number): void {
		const listener = this.#listeners.get(id);
		if (!listener || bytes - listener.told < toldBytes) {
			return;
		}

		const {response} = listener;
		// Who does not read what was told is told nothing more.
		if (!response.headersSent && !response.destroyed && response.socket?.writableNeedDrain === false) {
			listener.told = bytes;
			// A hint has to name a link; this one leads to the upload itself.
			response.writeEarlyHints({link: `<${uploadsPath}/${id}>; rel=self`, 'upload-offset': String(bytes)});
		}
	}

	/**
	 * Whether this client may go on with an upload: with its own, and with one of a token that was revoked or has expired,
	 * in whose place it may have come. Whoever else could, would spoil what others send.
	 */
	async isFor(client: string, id: string): Promise<boolean> {
		const owner = ownerOf(id);
		if (owner === ownerKey(client)) {
			return true;
		}

		const clients = await this.#goodClients();
		return ![...clients].some(other => ownerKey(other) === owner);
	}

	/** What has arrived of a package that is for this client; of several attempts, the one that came furthest. */
	async find(sha256: string, client: string): Promise<Upload | undefined> {
		const ids: string[] = [];
		for (const name of await this.#names()) {
			if (uploadId.test(name) && name.startsWith(`${sha256}.`) && (await this.isFor(client, name))) {
				ids.push(name);
			}
		}

		const found = await Promise.all(
			ids.map(async id => {
				const file = path.join(this.#folder, id);
				return {id, file, bytes: (await stat(file).catch(() => undefined))?.size ?? 0};
			}),
		);
		return found.sort((a, b) => b.bytes - a.bytes)[0];
	}

	/** One upload. */
	async remove({id}: Upload): Promise<void> {
		await this.#removeWhere(name => name === id || name === `${id}.json`);
	}

	/** All that arrived of a package. */
	async removeAll(sha256: string): Promise<void> {
		await this.#removeWhere(name => name.startsWith(`${sha256}.`));
	}

	async #removeWhere(isIt: (name: string) => boolean): Promise<void> {
		for (const name of (await this.#names()).filter(isIt)) {
			await rm(path.join(this.#folder, name), {force: true});
		}
	}

	async #newId(client: string, metadata: Record<string, string | null> | undefined): Promise<string> {
		const {data, error} = metadataSchema.safeParse(metadata ?? {});
		if (!data) {
			const wrong = error.issues.map(issue => issue.path.join('.')).join(', ');
			throw new TusError(
				400,
				`Upload-Metadata needs filename (a plain one) and sha256 (hexadecimal): ${wrong}`,
			);
		}

		// What cannot be thrown away keeps nobody from beginning something.
		await this.cleanUp().catch(this.#onFailure);
		const owner = ownerKey(client);
		const begun = (await this.#names()).filter(name => uploadId.test(name));
		if (begun.filter(id => ownerOf(id) === owner).length >= mostUploads) {
			throw new TusError(429, `${mostUploads} uploads with this token are unfinished`);
		}

		return `${data.sha256}.${owner}${randomBytes(4).toString('hex')}`;
	}

	async #checkRoom(size: number): Promise<void> {
		const free = await roomIn(this.#folder, this.#leftFreeBytes);
		const room = Math.max(0, free - (await this.#bytesToCome()));
		if (room < size) {
			throw new TusError(507, `The disk has room for ${room} bytes, and the package has ${size}`);
		}
	}

	/** What is still missing of the uploads that were begun. */
	async #bytesToCome(): Promise<number> {
		let bytes = 0;
		for (const id of (await this.#names()).filter(name => uploadId.test(name))) {
			// One that goes away meanwhile needs no room.
			const {size = 0, offset = 0} = await this.#store.getUpload(id).catch((): Partial<TusUpload> => ({}));
			bytes += Math.max(0, size - offset);
		}

		return bytes;
	}

	async #names(): Promise<readonly string[]> {
		return readdir(this.#folder).catch(() => []);
	}
}

/** Stands for a client in the ids of its uploads. */
function ownerKey(client: string): string {
	return createHash('sha256').update(client).digest('hex').slice(0, 8);
}

function ownerOf(id: string): string {
	return id.slice(65, 73);
}

/** Answers about the protocol are passed on; what failed inside is not. */
function refusal(error: object, onFailure: (error: unknown) => void): {status_code: number; body: string} {
	const {status_code: status, body} = error as {status_code?: number; body?: string};
	if (status !== undefined && (status < 500 || status === 507) && typeof body === 'string') {
		return {status_code: status, body: body.slice(0, 500)};
	}

	onFailure(error);
	return {status_code: 500, body: `The upload could not be stored (tus ${tusVersion})\n`};
}
