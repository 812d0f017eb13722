import {
	type ClientRequest,
	type IncomingHttpHeaders,
	type IncomingMessage,
	request as httpRequest,
} from 'node:http';
import type {Readable} from 'node:stream';
import {finished, pipeline} from 'node:stream/promises';
import type * as z from 'zod';
import {ConnectionLostError, FileOperationError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import type {AgentId} from '../../../domain/agent.ts';
import {failureFromWire, failureSchema} from '../api/failure.ts';
import {heartbeatMs} from '../api/heartbeat.ts';
import {NotOurServiceError, ServiceUnreachableError} from './service-errors.ts';
import type {ServicePlace} from './service-place.ts';
import type {ServiceSockets} from './service-sockets.ts';

export interface ServiceRequest {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'HEAD' | 'DELETE';
	/** With the query, if there is one. */
	readonly path: string;
	/** For the error, when the connection is lost meanwhile: “asking for its state”. */
	readonly during: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Becomes JSON; or bytes as they come, with `length` of them. */
	readonly body?: {readonly json: unknown} | {readonly bytes: Readable; readonly length: number};
	readonly signal?: AbortSignal;
	/** Told the headers of what the service says before its answer, with a status of 1xx. */
	readonly onInformation?: (headers: IncomingHttpHeaders) => void;
	/**
	 * Asked once more on a new connection when the one that was kept turns out to be dead, since nothing is done twice
	 * by it.
	 */
	readonly idempotent: boolean;
}

export interface ServiceClientOptions {
	readonly agent: AgentId;
	readonly place: ServicePlace;
	readonly sockets: ServiceSockets;
	/**
	 * May be another one than that which was `refused`. Rejects with a `UserError` where there is none. Without it only
	 * what is open to everybody can be asked for.
	 */
	readonly token?: (refused?: RefusedToken) => Promise<string>;
	/** A service that is not heard of for so long is lost. */
	readonly silenceMs?: number;
}

/** A token that a service does not take, or that does not allow what was asked for. */
export interface RefusedToken {
	readonly token: string;
	readonly refusal: UserError;
}

/** A live service is heard of every `heartbeatMs`. */
const defaultSilenceMs = 2.4 * heartbeatMs;
/** So often another token is tried for one request. */
const mostRefusals = 3;
/** Codes of refusals that another token could turn into an answer. */
const refusalsOfToken: ReadonlySet<string> = new Set(['TOKEN_REFUSED', 'SCOPE_MISSING']);
const mostAnswerBytes = 32 * 1024 * 1024;

/** Puts requests to the service of one Agent. What fails is told as over any other connection: by a `UserError`. */
export class ServiceClient {
	readonly #options: ServiceClientOptions;
	readonly #closed = new AbortController();

	constructor(options: ServiceClientOptions) {
		this.#options = options;
	}

	get agent(): AgentId {
		return this.#options.agent;
	}

	get address(): string {
		return this.#options.place.address;
	}

	/** The answer, which has to fit. */
	async ask<Answer>(request: ServiceRequest, answer: z.ZodType<Answer>): Promise<Answer> {
		const response = await this.open(request);
		const text = await this.#textOf(response, request);
		const {data, error} = answer.safeParse(text === '' ? null : parsed(text));
		if (error) {
			throw new NotOurServiceError(
				this.address,
				`${request.method} ${request.path.split('?')[0]} gave an answer of another shape`,
				{
					cause: error,
				},
			);
		}

		return data;
	}

	/** An answer whose body is still to be read; its status is one of success. */
	async open(request: ServiceRequest): Promise<IncomingMessage> {
		const response = await this.send(request);
		const {statusCode = 0} = response;
		if (statusCode >= 200 && statusCode < 300) {
			return response;
		}

		throw await this.refusalBy(response);
	}

	/** Why the service refused, by its answer. */
	async refusalBy(response: IncomingMessage): Promise<UserError> {
		const {agent, place} = this.#options;
		const text = await this.#textOf(response, {during: 'the reason of a refusal was read'});
		if (response.statusCode === 507) {
			return new FileOperationError(place.address, 'The package', 'DISK_FULL', 'the disk is full');
		}

		const {data} = failureSchema.safeParse(parsed(text));
		return data
			? failureFromWire(agent, place.address, data)
			: new NotOurServiceError(place.address, `it answers with status ${response.statusCode ?? 0}`);
	}

	/** Any answer, but that no token is good enough. Rejects where there was none. */
	async send(request: ServiceRequest): Promise<IncomingMessage> {
		const {agent} = this.#options;
		request.signal?.throwIfAborted();
		this.#closed.signal.throwIfAborted();
		let token = await this.#options.token?.();
		let refusals = 0;
		let isSecond = false;
		for (;;) {
			try {
				const response = await this.#sendOnce(request, token);
				const {statusCode} = response;
				if (token === undefined || (statusCode !== 401 && statusCode !== 403)) {
					return response;
				}

				const refusal = await this.refusalBy(response);
				const other = await this.#otherThan({token, refusal}, request, refusals);
				if (other === undefined) {
					throw refusal;
				}

				refusals += 1;
				token = other;
			} catch (error) {
				request.signal?.throwIfAborted();
				if (!(error instanceof StaleConnection) || isSecond || !request.idempotent) {
					throw error instanceof StaleConnection
						? new ConnectionLostError(this.address, `${request.during} of ${agent}`, {cause: error.cause})
						: error;
				}

				isSecond = true;
			}
		}
	}

	/** Ends every connection; what still waits for an answer fails. */
	close(): void {
		this.#closed.abort(new ConnectionLostError(this.address, 'it was being closed'));
		this.#options.sockets.destroy();
	}

	/** A token to try instead; undefined where there is none, or where it could not help. */
	async #otherThan(
		refused: RefusedToken,
		{body}: ServiceRequest,
		refusals: number,
	): Promise<string | undefined> {
		// Nothing was done. What came as a stream is gone, though.
		const isStream = body !== undefined && 'bytes' in body;
		if (isStream || refusals === mostRefusals || !refusalsOfToken.has(refused.refusal.code)) {
			return undefined;
		}

		const other = await this.#options.token?.(refused);
		return other === refused.token ? undefined : other;
	}

	async #sendOnce(request: ServiceRequest, token: string | undefined): Promise<IncomingMessage> {
		const {place, sockets, silenceMs = defaultSilenceMs} = this.#options;
		const {method, path, headers, body, signal, during, onInformation} = request;
		const json = body && 'json' in body ? JSON.stringify(body.json) : undefined;
		const call = httpRequest({
			agent: sockets,
			host: place.address,
			port: place.port,
			method,
			path,
			headers: {
				...(token !== undefined && {authorization: `Bearer ${token}`}),
				...(json !== undefined && {
					'content-type': 'application/json',
					'content-length': Buffer.byteLength(json),
				}),
				...(body && 'bytes' in body && {'content-length': body.length}),
				...headers,
			},
			signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
		});
		call.on('information', ({headers: told}) => onInformation?.(told));
		const watch = new LineWatch(call, silenceMs);
		const answered = new Promise<IncomingMessage>((resolve, reject) => {
			call.once('response', resolve);
			call.once('error', reject);
			call.once('close', () => reject(new Error('the connection was closed before an answer came')));
		});
		// Whoever waits for it below hears of it.
		answered.catch(() => undefined);
		try {
			if (body && 'bytes' in body) {
				await Promise.race([answered, pipeline(body.bytes, call)]);
			} else {
				call.end(json);
			}

			const response = await answered;
			response.once('close', () => watch.end());
			return response;
		} catch (error) {
			watch.end();
			call.destroy();
			signal?.throwIfAborted();
			this.#closed.signal.throwIfAborted();
			if (error instanceof UserError) {
				throw error;
			}

			const cause = watch.silence ?? error;
			if (call.reusedSocket) {
				throw new StaleConnection('the connection was kept and is gone', {cause});
			}

			throw call.socket
				? new ConnectionLostError(place.address, during, {cause})
				: new ServiceUnreachableError(place, visibleText(String(cause), 200), {cause});
		}
	}

	async #textOf(
		response: IncomingMessage,
		{during, signal}: Pick<ServiceRequest, 'during' | 'signal'>,
	): Promise<string> {
		const chunks: Buffer[] = [];
		let bytes = 0;
		response.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes > mostAnswerBytes) {
				response.destroy(new NotOurServiceError(this.address, 'its answer has no end'));
				return;
			}

			chunks.push(chunk);
		});
		try {
			await finished(response, {writable: false});
		} catch (error) {
			signal?.throwIfAborted();
			throw error instanceof UserError
				? error
				: new ConnectionLostError(this.address, during, {cause: error});
		}

		return Buffer.concat(chunks).toString();
	}
}

/** Watches that something is heard from the other end while an answer is waited for or read. */
class LineWatch {
	/** Why it was given up. */
	silence: Error | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(call: ClientRequest, silenceMs: number) {
		call.once('socket', socket => {
			let heard = socket.bytesRead;
			let heardAt = performance.now();
			this.#timer = setInterval(() => {
				if (socket.bytesRead !== heard) {
					heard = socket.bytesRead;
					heardAt = performance.now();
				} else if (performance.now() - heardAt > silenceMs) {
					this.silence = new Error(`nothing was heard for ${silenceMs / 1000} s`);
					this.end();
					socket.destroy(this.silence);
				}
			}, silenceMs / 20);
		});
		call.once('error', () => this.end());
	}

	end(): void {
		clearInterval(this.#timer);
	}
}

/** A connection that was kept was not there any more, or ended before an answer came. */
class StaleConnection extends Error {}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
