import {type IncomingMessage, request as httpRequest} from 'node:http';
import {hostname} from 'node:os';
import * as z from 'zod';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {isLoopback} from '../api/loopback.ts';
import type {ServicePlace} from '../client/service-place.ts';
import type {ServiceSockets} from '../client/service-sockets.ts';
import {NoWebApiError, PlainWebApiRefusedError, WebApiRefusedError} from './web-api-errors.ts';

/** An entry of the cluster, as one Agent of it tells. Source: DMAInfo.md */
export interface ListedAgent {
	readonly dataMinerId: number;
	readonly name: string;
	/** Undocumented for a Failover pair: the virtual address, or that of the Agent that is online. */
	readonly primaryAddress: string;
	readonly cluster: string;
	/** `Running`, `Disconnected`, `Starting`, `Switching` or `Unknown`. */
	readonly status: string;
	readonly failover: boolean;
}

export interface WebServicesOptions {
	readonly place: ServicePlace;
	readonly sockets: ServiceSockets;
	/** Of this program. */
	readonly version: string;
	/** For one answer, in milliseconds; 30,000 without it. */
	readonly limitMs?: number;
}

const mostBytes = 4 * 1024 * 1024;

/** That results stand below `d` and failures below `Message` is how ASP.NET does it; DataMiner documents neither. */
const resultOf = <Shape extends z.ZodType>(shape: Shape) => z.object({d: shape});
const failureSchema = z.object({Message: z.string()});
const listedSchema = z
	.object({
		ID: z.int().min(0),
		Name: z.string().min(1).max(300),
		PrimaryIP: z.string().min(1).max(253),
		Cluster: z.string().max(300).nullish(),
		Status: z.union([z.string().max(100), z.number()]).nullish(),
		IsFailOver: z.boolean().nullish(),
	})
	.transform(({ID, Name, PrimaryIP, Cluster, Status, IsFailOver}): ListedAgent => ({
		dataMinerId: ID,
		name: visibleText(Name, 64),
		primaryAddress: visibleText(PrimaryIP, 253),
		cluster: visibleText(Cluster ?? '', 64),
		status: visibleText(String(Status ?? 'Unknown'), 40),
		failover: IsFailOver === true,
	}));

/**
 * DataMiner's Web Services API v1 on one Agent, for which nothing has to be installed. Which Agent answers is not told:
 * the offline one of a pair answers for the one that is online.
 * Source: ConnectApp.md, GetDataMinerAgentsInfo.md, LogOut.md
 */
export class WebServices {
	readonly #options: WebServicesOptions;

	/** Throws `PlainWebApiRefusedError`. */
	constructor(options: WebServicesOptions) {
		const {address, plain} = options.place;
		if (plain && !isLoopback(address)) {
			throw new PlainWebApiRefusedError(address);
		}

		this.#options = options;
	}

	/**
	 * The entries of the cluster. Logs in before and out afterwards, however that ends. Rejects with `WebApiRefusedError`,
	 * `NoWebApiError`, and with what reaching it meets.
	 */
	async agents(login: string, password: string, signal?: AbortSignal): Promise<readonly ListedAgent[]> {
		const connection = await this.#call(
			'ConnectApp',
			{
				host: '',
				login,
				password,
				clientAppName: 'dms-upgrade',
				clientAppVersion: this.#options.version,
				clientComputerName: hostname(),
			},
			z.string().min(1).max(200),
			signal,
		);
		try {
			return await this.#call(
				'GetDataMinerAgentsInfo',
				{connection},
				z.array(listedSchema).max(1000),
				signal,
			);
		} finally {
			// It would expire by itself after five minutes; what was learned counts all the same.
			await this.#call('LogOut', {connection}, z.unknown()).catch(() => undefined);
		}
	}

	/**
	 * Which version of SLNet APIGateway tells of; undefined where it tells of none. Its shape is undocumented.
	 * Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md
	 */
	async slNetVersion(signal?: AbortSignal): Promise<string | undefined> {
		const response = await this.#send('GET', '/APIGateway/api/version', undefined, signal);
		const text = await this.#textOf(response);
		const modules = z
			.array(z.object({Name: z.string(), Version: z.string().nullish()}))
			.safeParse(json(text));
		const version = modules.data?.find(({Name}) => Name.toLowerCase() === 'slnet')?.Version;
		return response.statusCode === 200 && typeof version === 'string' ? visibleText(version, 60) : undefined;
	}

	async #call<Result>(
		name: string,
		parameters: object,
		shape: z.ZodType<Result>,
		signal?: AbortSignal,
	): Promise<Result> {
		const {address} = this.#options.place;
		const response = await this.#send(
			'POST',
			`/API/v1/Json.asmx/${name}`,
			JSON.stringify(parameters),
			signal,
		);
		const {statusCode = 0} = response;
		const text = await this.#textOf(response);
		if (statusCode >= 300 && statusCode < 400) {
			throw new NoWebApiError(address, 'it sends us to another place, and a password is not taken there', [
				'Name the place that it sends to yourself, if it is the right one.',
			]);
		}

		if (statusCode === 404) {
			throw new NoWebApiError(address, 'there is nothing at API/v1/Json.asmx', [
				'Check the address and the port: it is where the DataMiner web apps are.',
				'Check that the web API is installed there, or discover over SSH: --discover HOST.',
			]);
		}

		const failure = failureSchema.safeParse(json(text));
		if (statusCode !== 200 && failure.success) {
			throw new WebApiRefusedError(address, failure.data.Message);
		}

		const result = resultOf(shape).safeParse(json(text));
		if (statusCode !== 200 || !result.success) {
			throw new NoWebApiError(
				address,
				`${name} answered ${statusCode}, in a way that is not known`,
				['Check that DataMiner answers there, or discover over SSH: --discover HOST.'],
				{cause: result.error},
			);
		}

		return result.data.d;
	}

	#send(
		method: 'GET' | 'POST',
		path: string,
		body: string | undefined,
		signal: AbortSignal | undefined,
	): Promise<IncomingMessage> {
		const {place, sockets, limitMs = 30_000} = this.#options;
		const limit = AbortSignal.timeout(limitMs);
		return new Promise((resolve, reject) => {
			const call = httpRequest({
				agent: sockets,
				host: place.address,
				port: place.port,
				method,
				path,
				headers: {
					...(body !== undefined && {
						'content-type': 'application/json; charset=utf-8',
						'content-length': Buffer.byteLength(body),
					}),
				},
				signal: signal ? AbortSignal.any([signal, limit]) : limit,
			});
			call.on('response', resolve);
			call.on('error', (error: Error) => {
				signal?.throwIfAborted();
				reject(
					error instanceof UserError
						? error
						: new NoWebApiError(
								place.address,
								limit.aborted ? `nothing came within ${limitMs / 1000} s` : 'the connection was lost',
								['Try again; where it stays so, discover over SSH: --discover HOST.'],
								{cause: error},
							),
				);
			});
			call.end(body);
		});
	}

	async #textOf(response: IncomingMessage): Promise<string> {
		const {address} = this.#options.place;
		let text = '';
		try {
			for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
				text += chunk;
				if (text.length > mostBytes) {
					throw new NoWebApiError(address, 'its answer has no end', ['Check what answers there.']);
				}
			}
		} catch (error) {
			throw error instanceof UserError
				? error
				: new NoWebApiError(address, 'the connection was lost in its answer', ['Try again.'], {cause: error});
		}

		return text;
	}
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
