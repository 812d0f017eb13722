import {type IncomingMessage, request as httpRequest} from 'node:http';
import {UserError} from '../../../domain/user-error.ts';
import {ServiceUnreachableError} from '../client/service-errors.ts';
import type {ServicePlace} from '../client/service-place.ts';
import type {ServiceSockets} from '../client/service-sockets.ts';
import {NoWebApiError, WebServerUnreachableError} from './web-api-errors.ts';

export interface WebServerOptions {
	readonly place: ServicePlace;
	readonly sockets: ServiceSockets;
	/** For one whole answer, in milliseconds; 30,000 without it. */
	readonly limitMs?: number;
}

export interface WebRequest {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	/** Goes as JSON. */
	readonly body?: object;
	readonly signal?: AbortSignal | undefined;
	/** Instead of that of the server. */
	readonly limitMs?: number;
}

export interface WebAnswer {
	readonly status: number;
	readonly text: string;
}

const mostBytes = 4 * 1024 * 1024;

/** The web server of an Agent. No answer of it leads anywhere else: a redirection is an answer as every other. */
export class WebServer {
	readonly #options: WebServerOptions;

	constructor(options: WebServerOptions) {
		this.#options = options;
	}

	get address(): string {
		return this.#options.place.address;
	}

	/**
	 * Rejects with `WebServerUnreachableError`, with `NoWebApiError` where no whole answer comes, and where its
	 * certificate is not trusted.
	 */
	async ask({method, path, body, signal, limitMs}: WebRequest): Promise<WebAnswer> {
		const {place, sockets} = this.#options;
		const limit = limitMs ?? this.#options.limitMs ?? 30_000;
		const json = body && JSON.stringify(body);
		const late = new AbortController();
		const call = httpRequest({
			agent: sockets,
			host: place.address,
			port: place.port,
			method,
			path,
			headers: json === undefined ? {} : jsonHeaders(json),
			signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
		});
		let timer: NodeJS.Timeout | undefined;
		// Not before: connecting has a limit of its own, and a person may have to think about the certificate.
		call.once('socket', () => (timer = setTimeout(() => late.abort(), limit)));
		const answered = new Promise<IncomingMessage>((resolve, reject) => {
			call.once('response', resolve);
			call.on('error', reject);
		});
		call.end(json);
		try {
			const response = await answered;
			return {status: response.statusCode ?? 0, text: await this.#textOf(response)};
		} catch (error) {
			signal?.throwIfAborted();
			throw this.#told(
				error,
				late.signal.aborted ? `no whole answer came within ${limit / 1000} s` : undefined,
			);
		} finally {
			clearTimeout(timer);
			call.destroy();
		}
	}

	async #textOf(response: IncomingMessage): Promise<string> {
		const chunks: Buffer[] = [];
		let bytes = 0;
		for await (const chunk of response as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			if (bytes > mostBytes) {
				throw new NoWebApiError(this.address, 'its answer has no end', ['Check what answers there.']);
			}

			chunks.push(chunk);
		}

		return Buffer.concat(chunks).toString();
	}

	#told(error: unknown, late: string | undefined): UserError {
		if (error instanceof ServiceUnreachableError) {
			return new WebServerUnreachableError(error);
		}

		return error instanceof UserError
			? error
			: new NoWebApiError(
					this.address,
					late ?? 'the connection was lost',
					['Try again; where it stays so, discover over SSH: --discover HOST.'],
					{cause: error},
				);
	}
}

function jsonHeaders(json: string): Record<string, string | number> {
	return {'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(json)};
}
