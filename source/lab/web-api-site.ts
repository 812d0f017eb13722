import {randomUUID} from 'node:crypto';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import {Door} from './door.ts';
import {serviceStates} from './services.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** Who may log in to the web API of every Agent of a lab. */
export const webApiLogin = {login: 'Administrator', password: 'practice'} as const;

/** A connection that nobody uses for so long expires. Source: ConnectApp.md */
const idleMs = 5 * 60_000;
const mostBytes = 64 * 1024;

/**
 * The documented part of DataMiner's Web Services API v1 on a simulated Agent, and what APIGateway tells of its modules,
 * in plain HTTP. An offline Agent of a pair answers for the online one. What the documents leave open is played in its
 * hardest form: a pair is one entry, at its virtual address.
 * Source: GetDataMinerAgentsInfo.md, DMAInfo.md, KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md
 */
export class WebApiSite {
	readonly #agent: SimulatedAgent;
	readonly #door: Door;
	readonly #clusterName: string;
	readonly #connections = new Map<string, number>();
	#port: number;

	/** `port` 0 takes a free one, and keeps it. */
	constructor(agent: SimulatedAgent, clusterName: string, port: number) {
		this.#agent = agent;
		this.#clusterName = clusterName;
		this.#port = port;
		const server = createServer((request, response) => {
			this.#answer(request, response).catch((error: unknown) => {
				refuse(response, String(error));
			});
		});
		this.#door = new Door(agent, line => server.emit('connection', line));
	}

	get port(): number {
		return this.#port;
	}

	async open(): Promise<void> {
		this.#port = await this.#door.open(this.#agent.address, this.#port);
	}

	async shut(reason: string): Promise<void> {
		await this.#door.shut(reason);
		this.#connections.clear();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const {services, version} = this.#agent;
		const {method, url = ''} = request;
		if (method === 'GET' && url === '/APIGateway/api/version') {
			if (services.find('DataMiner APIGateway')?.state === serviceStates.running) {
				send(response, 200, [
					{Name: 'APIGateway', Version: '3.5.0', Endpoint: '/APIGateway'},
					{Name: 'SLNet', Version: version.split('-')[0]},
				]);
			} else {
				response.writeHead(404).end();
			}

			return;
		}

		const call = /^\/API\/v1\/Json\.asmx\/(?<name>\w+)$/i.exec(url)?.groups?.['name'];
		if (method !== 'POST' || call === undefined) {
			response.writeHead(404).end();
			return;
		}

		const parameters = JSON.parse(await textOf(request)) as Record<string, unknown>;
		this.#agent.events.note(this.#agent.name, 'web-api-asked', {call});
		if (call === 'ConnectApp') {
			this.#connect(parameters, response);
			return;
		}

		const connection = String(parameters['connection']);
		const usedAt = this.#connections.get(connection);
		const now = this.#agent.clock.now().getTime();
		if (usedAt === undefined || now - usedAt > idleMs) {
			refuse(response, 'No connection with this ID: it has expired, or never was.');
		} else if (call === 'LogOut') {
			this.#connections.delete(connection);
			send(response, 200, {d: null});
		} else if (call === 'GetDataMinerAgentsInfo') {
			this.#connections.set(connection, now);
			send(response, 200, {d: this.#agentsInfo()});
		} else {
			refuse(response, `Unknown web method ${call}.`);
		}
	}

	#connect(parameters: Record<string, unknown>, response: ServerResponse): void {
		const {login, password} = webApiLogin;
		// It is DataMiner that knows the users; that of the online Agent, where this one is offline.
		const {role} = this.#agent.failover ?? {role: 'online'};
		const asked = role === 'online' ? this.#agent : this.#partner();
		if (asked?.services.find('SLNet')?.state !== serviceStates.running) {
			refuse(response, 'The DataMiner Agent is not running.');
		} else if (parameters['login'] === login && parameters['password'] === password) {
			const connection = randomUUID();
			this.#connections.set(connection, this.#agent.clock.now().getTime());
			send(response, 200, {d: connection});
		} else {
			refuse(response, 'Authentication failed: the user name or the password is wrong.');
		}
	}

	#agentsInfo(): readonly object[] {
		return this.#agent.members
			.filter(({failover}) => failover?.role !== 'offline')
			.map(member => ({
				__type: 'Skyline.DataMiner.Web.Common.v1.DMAInfo',
				ID: member.dataMinerId,
				Name: member.name,
				PrimaryIP: member.failover ? virtualAddressOf(member.address) : member.address,
				Cluster: this.#clusterName,
				Status: member.services.find('SLDataMiner')?.state === serviceStates.running ? 'Running' : 'Unknown',
				IsFailOver: member.failover !== undefined,
				LastChangeUTC: this.#agent.clock.now().getTime(),
			}));
	}

	#partner(): SimulatedAgent | undefined {
		return this.#agent.members.find(({name}) => name === this.#agent.partner);
	}
}

/** Beside the addresses of the Agents themselves; nobody listens there. */
function virtualAddressOf(address: string): string {
	return address.replace(/^127\.10\./, '127.11.');
}

function send(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, {'content-type': 'application/json; charset=utf-8'}).end(JSON.stringify(body));
}

/** As ASP.NET does. */
function refuse(response: ServerResponse, message: string): void {
	send(response, 500, {Message: message, StackTrace: null, ExceptionType: 'System.Exception'});
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
		text += chunk;
		if (text.length > mostBytes) {
			throw new Error('The request is too long.');
		}
	}

	return text;
}
