import type {IncomingMessage} from 'node:http';
import type {Readable} from 'node:stream';
import {type HttpRequest, type HttpResponse, type HttpStack, Upload} from 'tus-js-client';
import * as z from 'zod';
import {UploadStalledError} from '../../../agent/machine-errors.ts';
import type {LocalPackage, StageOptions} from '../../../agent/connection.ts';
import {UserError} from '../../../domain/user-error.ts';
import {storedHeader, uploadsPath} from '../api/paths.ts';
import {localBytes} from './local-bytes.ts';
import {SendingWindow} from './sending-window.ts';
import {NotOurServiceError} from './service-errors.ts';
import type {ServiceClient, ServiceRequest} from './service-client.ts';

/** tus-js-client speaks in addresses; which service it is decide the connections. */
const urlOf = (path: string) => new URL(path, 'http://service').href;

/**
 * What is on its way when a connection breaks is sent again, and that can be all that the buffers of both computers hold,
 * several MiB. So much may be: where the service tells what it has stored, of one long request, else in a request each.
 */
const windowBytes = 1024 * 1024;

/** So much is read at once. It has to fit into the window several times, or the line would stand still between two pieces. */
const pieceBytes = 256 * 1024;
/** So many bytes wait for their turn together where Agents share a bandwidth, so that it is shared fairly. */
const pacedPieceBytes = 64 * 1024;

const begunSchema = z.object({location: z.string().max(500).optional(), bytes: z.int().optional()});

/**
 * Sends a package to the service by the tus protocol; goes on where an earlier upload of it ended, if there was one.
 * Answers whether there was. Rejects with `UploadStalledError` when no byte moves for `stallMs`.
 */
export async function uploadPackage(
	client: ServiceClient,
	file: LocalPackage,
	{stallMs, signal, pace, onProgress}: StageOptions,
): Promise<boolean> {
	const {location, bytes = 0} = await client.ask(
		{
			method: 'GET',
			path: `${uploadsPath}?sha256=${file.sha256}`,
			during: 'asking how much of the package is there',
			idempotent: true,
			...(signal && {signal}),
		},
		begunSchema,
	);
	const stop = new AbortController();
	const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
	let told = -1;
	let stall = setTimeout(() => undefined);
	const watchForStall = () => {
		clearTimeout(stall);
		stall = setTimeout(() => stop.abort(new UploadStalledError(client.address, stallMs)), stallMs);
	};
	const move = (bytes: number) => {
		watchForStall();
		if (bytes > told) {
			told = bytes;
			onProgress?.(bytes);
		}
	};
	const window = new SendingWindow(windowBytes);
	const together = pace ? pacedPieceBytes : pieceBytes;
	const turn = async (bytes: number) => {
		if (pace) {
			// It is we who hold the rest back meanwhile.
			clearTimeout(stall);
			await pace(bytes, stopped);
			stopped.throwIfAborted();
			watchForStall();
		}

		await window.room(bytes, stopped);
	};
	try {
		await new Promise<void>((resolve, reject) => {
			const upload = new Upload(file.path as unknown as Blob, {
				endpoint: urlOf(uploadsPath),
				...(location !== undefined && {uploadUrl: urlOf(location)}),
				chunkSize: windowBytes,
				metadata: {filename: file.name, sha256: file.sha256},
				headers: {[storedHeader]: '1'},
				httpStack: new ServiceStack(client, stopped, bytes => window.store(bytes)),
				fileReader: {openFile: () => Promise.resolve(partsOf(file, window, together, turn))},
				onChunkComplete() {
					if (window.told) {
						upload.options.chunkSize = Infinity;
					}
				},
				// What is tried again, and when, is decided by whoever carries the run out.
				retryDelays: null,
				storeFingerprintForResuming: false,
				onProgress: move,
				onSuccess: () => resolve(),
				onError: error => reject(error),
			});
			stopped.addEventListener('abort', () => {
				void upload.abort();
				reject(stopped.reason as Error);
			});
			move(bytes);
			upload.start();
		});
		move(file.size);
	} catch (error) {
		stopped.throwIfAborted();
		throw causeOf(client, error);
	} finally {
		clearTimeout(stall);
		stop.abort();
	}

	return location !== undefined;
}

/** tus-js-client wraps what our own requests failed with. */
function causeOf(client: ServiceClient, error: unknown): unknown {
	for (let cause: unknown = error; cause instanceof Error; cause = causing(cause)) {
		if (cause instanceof UserError) {
			return cause;
		}
	}

	return new NotOurServiceError(client.address, 'the upload was refused', {cause: error});
}

function causing(error: Error): unknown {
	return (error as {causingError?: unknown}).causingError ?? error.cause;
}

/** What is to be sent of a file; it is opened when it is sent. */
interface FilePart {
	readonly size: number;
	readonly bytes: (onProgress: (bytes: number) => void) => Readable;
}

function partsOf(
	{path, size}: LocalPackage,
	window: SendingWindow,
	together: number,
	turn: (bytes: number) => Promise<void>,
) {
	return {
		size,
		slice: (start: number, end: number) => {
			const last = Math.min(end, size);
			const value: FilePart = {
				size: last - start,
				bytes(onProgress) {
					window.begin(start);
					return localBytes(path, {start, end: last, pieceBytes: together, onProgress, pace: turn});
				},
			};
			return Promise.resolve({value, done: last >= size});
		},
		close: () => undefined,
	};
}

/** Lets tus-js-client speak over the connections of a service. */
class ServiceStack implements HttpStack {
	readonly #client: ServiceClient;
	readonly #signal: AbortSignal;
	readonly #onStored: (bytes: number) => void;

	constructor(client: ServiceClient, signal: AbortSignal, onStored: (bytes: number) => void) {
		this.#client = client;
		this.#signal = signal;
		this.#onStored = onStored;
	}

	createRequest(method: string, url: string): HttpRequest {
		return new StackRequest(
			this.#client,
			this.#signal,
			this.#onStored,
			method as ServiceRequest['method'],
			url,
		);
	}

	getName(): string {
		return 'dms-upgrade';
	}
}

/** Of no interest to tus-js-client: no token, one that is too weak, too many failures, a full disk. */
const refused: ReadonlySet<number> = new Set([401, 403, 429, 507]);

class StackRequest implements HttpRequest {
	readonly #headers: Record<string, string> = {};
	readonly #stop = new AbortController();
	#onProgress: (bytes: number) => void = () => undefined;

	constructor(
		private readonly client: ServiceClient,
		private readonly signal: AbortSignal,
		private readonly onStored: (bytes: number) => void,
		private readonly method: ServiceRequest['method'],
		private readonly url: string,
	) {}

	getMethod() {
		return this.method;
	}

	getURL() {
		return this.url;
	}

	setHeader(header: string, value: string) {
		this.#headers[header.toLowerCase()] = value;
	}

	getHeader(header: string) {
		return this.#headers[header.toLowerCase()];
	}

	setProgressHandler(handler: (bytes: number) => void) {
		this.#onProgress = handler;
	}

	async send(body: FilePart | null | undefined): Promise<HttpResponse> {
		const {pathname, search} = new URL(this.url);
		const response = await this.client.send({
			method: this.method,
			path: `${pathname}${search}`,
			during: 'a package was uploaded',
			headers: this.#headers,
			...(body && {body: {bytes: body.bytes(this.#onProgress), length: body.size}}),
			signal: AbortSignal.any([this.signal, this.#stop.signal]),
			onInformation: ({'upload-offset': stored}) => {
				if (typeof stored === 'string' && /^\d{1,15}$/.test(stored)) {
					this.onStored(Number(stored));
				}
			},
			idempotent: this.method !== 'PATCH',
		});
		if (refused.has(response.statusCode ?? 0)) {
			throw await this.client.refusalBy(response);
		}

		response.resume();
		return new StackResponse(response);
	}

	abort(): Promise<void> {
		this.#stop.abort();
		return Promise.resolve();
	}

	getUnderlyingObject(): unknown {
		return undefined;
	}
}

class StackResponse implements HttpResponse {
	constructor(private readonly response: IncomingMessage) {}

	getStatus() {
		return this.response.statusCode ?? 0;
	}

	getHeader(header: string) {
		const value = this.response.headers[header.toLowerCase()];
		return typeof value === 'string' ? value : undefined;
	}

	getBody() {
		return '';
	}

	getUnderlyingObject(): unknown {
		return this.response;
	}
}
