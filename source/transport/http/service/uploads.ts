import {randomBytes} from 'node:crypto';
import {mkdir, readdir, rm, stat, statfs} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import path from 'node:path';
import {Server} from '@tus/server';
import * as z from 'zod';
import {isPlainFileName} from '../../../agent/windows-path.ts';
import {sha256Schema} from '../api/agent-schemas.ts';
import {storedHeader, tusVersion, uploadsPath} from '../api/paths.ts';
import {TusError, UploadLocks, UploadStore} from './upload-store.ts';

/** A package that has arrived, or is on its way. */
export interface Upload {
	readonly id: string;
	/** On the computer of the service. */
	readonly file: string;
	readonly bytes: number;
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
const mostUploads = 50;
const uploadId = /^[\da-f]{64}\.[\da-f]{16}$/;

/** The packages that arrive by the tus protocol, in a folder that holds nothing else. Source: tus.io/protocols/resumable-upload */
export class Uploads {
	readonly #folder: string;
	readonly #tus: Server;
	/** By the id of the upload. */
	readonly #listeners = new Map<string, Listener>();

	/** The folder must be there. `mostBytes`: of one package. */
	private constructor(folder: string, mostBytes: number, onFailure: (error: unknown) => void) {
		this.#folder = folder;
		this.#tus = new Server({
			path: uploadsPath,
			datastore: new UploadStore({directory: folder, expirationPeriodInMilliseconds: keptMs}, (id, bytes) =>
				this.#tell(id, bytes),
			),
			locker: new UploadLocks(),
			relativeLocation: true,
			maxSize: mostBytes,
			// No page of a browser has any business here.
			allowedOrigins: () => false,
			namingFunction: async (_request, metadata) => this.#newId(metadata),
			getFileIdFromRequest: (_request, last) => (last && uploadId.test(last) ? last : undefined),
			onUploadCreate: async (_request, {size}) => {
				await this.#checkRoom(size ?? 0);
				return {};
			},
			onResponseError: (_request, error) => refusal(error, onFailure),
		});
	}

	/** Makes the folder where it is missing. `onFailure` hears of failures that nobody foresaw. */
	static async open(
		folder: string,
		mostBytes: number,
		onFailure: (error: unknown) => void,
	): Promise<Uploads> {
		await mkdir(folder, {recursive: true, mode: 0o700});
		return new Uploads(folder, mostBytes, onFailure);
	}

	/** Throws away what nobody finished in time. */
	async cleanUp(): Promise<void> {
		await this.#tus.cleanUpExpiredUploads();
	}

	async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
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

		await this.#tus.handle(request, response);
	}

	/** Tells whoever sends an upload, and asked for it, how much of it is in its file. Source: RFC 8297 (status 103) */
	#tell(id: string, bytes: number): void {
		const listener = this.#listeners.get(id);
		if (!listener || bytes - listener.told < toldBytes) {
			return;
		}

		const {response} = listener;
		if (!response.headersSent && !response.destroyed) {
			listener.told = bytes;
			// A hint has to name a link; this one leads to the upload itself.
			response.writeEarlyHints({link: `<${uploadsPath}/${id}>; rel=self`, 'upload-offset': String(bytes)});
		}
	}

	/** What has arrived of a package; of several attempts, the one that came furthest. */
	async find(sha256: string): Promise<Upload | undefined> {
		const ids = (await this.#names()).filter(name => uploadId.test(name) && name.startsWith(`${sha256}.`));
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

	async #newId(metadata: Record<string, string | null> | undefined): Promise<string> {
		const {data, error} = metadataSchema.safeParse(metadata ?? {});
		if (!data) {
			const wrong = error.issues.map(issue => issue.path.join('.')).join(', ');
			throw new TusError(
				400,
				`Upload-Metadata needs filename (a plain one) and sha256 (hexadecimal): ${wrong}`,
			);
		}

		if ((await this.#names()).filter(name => uploadId.test(name)).length >= mostUploads) {
			throw new TusError(429, 'There are too many unfinished uploads');
		}

		return `${data.sha256}.${randomBytes(8).toString('hex')}`;
	}

	async #checkRoom(size: number): Promise<void> {
		const {bavail, bsize} = await statfs(this.#folder);
		const free = bavail * bsize;
		if (free < size) {
			throw new TusError(507, `The disk has room for ${free} bytes, and the package has ${size}`);
		}
	}

	async #names(): Promise<readonly string[]> {
		return readdir(this.#folder).catch(() => []);
	}
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
