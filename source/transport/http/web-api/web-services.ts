import {hostname} from 'node:os';
import type * as z from 'zod';
import {isLoopback} from '../api/loopback.ts';
import {
	type ListedCluster,
	connectionId,
	failureIn,
	listedCluster,
	resultIn,
	slNetVersionIn,
} from './web-answers.ts';
import {NoWebApiError, PlainWebApiRefusedError, WebApiRefusedError} from './web-api-errors.ts';
import {WebServer, type WebServerOptions} from './web-server.ts';

export interface WebServicesOptions extends WebServerOptions {
	/** Of this program. */
	readonly version: string;
}

/** What APIGateway told without a login. */
export interface GatewayAnswer {
	/** Of whichever Agent answered. */
	readonly slNetVersion?: string;
	/** In a sentence. */
	readonly said: string;
}

/** Nothing that was learned is worth more. */
const leavingMs = 5000;
const gatewayMs = 10_000;

/**
 * DataMiner's Web Services API v1 on one Agent, for which nothing has to be installed. Which Agent answers is not told:
 * the offline one of a pair passes on what the online one says (RN 34606).
 * Source: Using_the_Web_Services_v1.md, ConnectApp.md, GetDataMinerAgentsInfo.md, LogOut.md
 */
export class WebServices {
	readonly #server: WebServer;
	readonly #version: string;
	readonly #limits: {readonly gatewayMs: number; readonly leavingMs: number};

	/** Throws `PlainWebApiRefusedError`. */
	constructor({version, ...server}: WebServicesOptions) {
		const {address, plain} = server.place;
		if (plain && !isLoopback(address)) {
			throw new PlainWebApiRefusedError(address);
		}

		this.#server = new WebServer(server);
		this.#version = version;
		const {limitMs = Infinity} = server;
		this.#limits = {gatewayMs: Math.min(gatewayMs, limitMs), leavingMs: Math.min(leavingMs, limitMs)};
	}

	/**
	 * The entries of the cluster. Logs in before and out afterwards, however that ends. Rejects with `WebApiRefusedError`,
	 * `NoWebApiError`, and with what reaching it meets.
	 */
	async agents(login: string, password: string, signal?: AbortSignal): Promise<ListedCluster> {
		try {
			return await this.#agentsOnce(login, password, signal);
		} catch (error) {
			if (!(error instanceof WebApiRefusedError) || !error.connectionIsGone) {
				throw error;
			}

			// As it is when IIS recycles meanwhile; DataMiner's documents say to connect again then.
			return this.#agentsOnce(login, password, signal);
		}
	}

	/**
	 * What APIGateway tells of its modules. A web server that cannot be reached, or is not trusted, rejects; whatever it
	 * answers is only said. Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md
	 */
	async gateway(signal?: AbortSignal): Promise<GatewayAnswer> {
		try {
			const {status, text} = await this.#server.ask({
				method: 'GET',
				path: '/APIGateway/api/version',
				signal,
				limitMs: this.#limits.gatewayMs,
			});
			const version = status === 200 ? slNetVersionIn(text) : undefined;
			if (version !== undefined) {
				return {slNetVersion: version, said: `APIGateway there knows SLNet ${version}`};
			}

			return {
				said:
					status === 404
						? 'APIGateway does not run there, or IIS has bindings for other names or addresses only (404)'
						: `APIGateway there tells no version of SLNet (${status})`,
			};
		} catch (error) {
			if (error instanceof NoWebApiError) {
				return {said: 'APIGateway there does not answer'};
			}

			throw error;
		}
	}

	async #agentsOnce(login: string, password: string, signal?: AbortSignal): Promise<ListedCluster> {
		const names = {
			clientAppName: 'dms-upgrade',
			clientAppVersion: this.#version,
			clientComputerName: hostname(),
		};
		const connection = await this.#call(
			'ConnectApp',
			{host: '', login, password, ...names},
			connectionId,
			signal,
		);
		try {
			return await this.#call('GetDataMinerAgentsInfo', {connection}, listedCluster, signal);
		} finally {
			await this.#leave(connection);
		}
	}

	/** What was learned counts even where this fails: the connection expires after five minutes. */
	async #leave(connection: string): Promise<void> {
		await this.#server
			.ask({
				method: 'POST',
				path: pathOf('LogOut'),
				body: {connection},
				limitMs: this.#limits.leavingMs,
			})
			.catch(() => undefined);
	}

	async #call<Result>(
		name: string,
		parameters: object,
		shape: z.ZodType<Result>,
		signal?: AbortSignal,
	): Promise<Result> {
		const {address} = this.#server;
		const {status, text} = await this.#server.ask({
			method: 'POST',
			path: pathOf(name),
			body: parameters,
			signal,
		});
		if (status >= 300 && status < 400) {
			throw new NoWebApiError(address, 'it sends us to another place, and a password is not taken there', [
				'Name the place that it sends to yourself, if it is the right one.',
			]);
		}

		if (status === 404) {
			throw new NoWebApiError(address, 'there is nothing at API/v1/Json.asmx', [
				'Check the address and the port: it is where the DataMiner web apps are.',
				'Check that the web API is installed there, or discover over SSH: --discover HOST.',
			]);
		}

		const failure = status === 200 ? undefined : failureIn(text);
		if (failure !== undefined) {
			throw new WebApiRefusedError(address, failure);
		}

		const {data, error, success} = shape.safeParse(resultIn(text));
		if (status !== 200 || !success) {
			throw new NoWebApiError(
				address,
				`${name} answered ${status}, in a way that is not known`,
				['Check that DataMiner answers there, or discover over SSH: --discover HOST.'],
				{cause: error},
			);
		}

		return data;
	}
}

/** Source: Using_the_Web_Services_v1.md */
function pathOf(method: string): string {
	return `/API/v1/Json.asmx/${method}`;
}
