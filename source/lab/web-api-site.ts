import {randomUUID} from 'node:crypto';
import {type IncomingMessage, type Server, type ServerResponse, createServer} from 'node:http';
import {Door} from './door.ts';
import type {Line} from './line.ts';
import {onlineOf, pairOf, virtualAddressOf} from './failover-pair.ts';
import {serviceStates} from './services.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** Who may log in to the web API of every Agent of a lab. */
export const webApiLogin = {login: 'Administrator', password: 'practice'} as const;

/** A connection that nobody uses for so long expires. Source: ConnectApp.md */
const idleMs = 5 * 60_000;
const mostBytes = 64 * 1024;

/**
 * The documented part of DataMiner's Web Services API v1 on a simulated Agent, and what APIGateway tells of its modules,
 * in plain HTTP. IIS of an offline Agent passes everything on to the online one (RN 34606). What the documents leave
 * open is played in its hardest form: a pair is one entry, at its virtual address.
 * Source: Using_the_Web_Services_v1.md, GetDataMinerAgentsInfo.md, DMAInfo.md
 */
export class WebApiSite {
	readonly #agent: SimulatedAgent;
	readonly #server: Server;
	readonly #door: Door;
	readonly #clusterName: string;
	readonly #connections = new Map<string, number>();
	#port: number;

	/** `port` 0 takes a free one, and keeps it. */
	constructor(agent: SimulatedAgent, clusterName: string, port: number) {
		this.#agent = agent;
		this.#clusterName = clusterName;
		this.#port = port;
		this.#server = createServer((request, response) => {
			this.#answer(request, response).catch((error: unknown) => {
				refuse(response, String(error));
			});
		});
		this.#door = new Door(agent, line => this.serve(line));
	}

	get port(): number {
		return this.#port;
	}

	/** Nothing listens where IIS does not run. */
	async open(): Promise<void> {
		if (this.#agent.servesWeb) {
			this.#port = await this.#door.open(this.#agent.address, this.#port);
		} else {
			await this.shut('IIS does not run');
		}
	}

	async shut(reason: string): Promise<void> {
		await this.#door.shut(reason);
		this.#connections.clear();
	}

	/** Somebody came, by whichever address. */
	serve(line: Line): void {
		this.#server.emit('connection', line);
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const answering = this.#agent.failover ? onlineOf(pairOf(this.#agent)) : this.#agent;
		const {method, url = ''} = request;
		if (!answering?.servesWeb) {
			sendPage(response, 502, 'Bad Gateway');
			return;
		}

		if (answering.faults.bites('iis-error-page', answering.name)) {
			sendPage(response, 503, 'Service Unavailable');
			return;
		}

		if (method === 'GET' && url === '/APIGateway/api/version') {
			sendModules(response, answering);
			return;
		}

		const call = /^\/API\/v1\/Json\.asmx\/(?<name>\w+)$/i.exec(url)?.groups?.['name'];
		if (method !== 'POST' || call === undefined) {
			sendPage(response, 404, 'Not Found');
			return;
		}

		const parameters = JSON.parse(await textOf(request)) as Record<string, unknown>;
		this.#agent.events.note(this.#agent.name, 'web-api-asked', {call, answers: answering.name});
		if (call === 'ConnectApp') {
			this.#connect(answering, parameters, response);
			return;
		}

		if (call !== 'LogOut' && answering.faults.bites('iis-recycles', answering.name)) {
			this.#connections.clear();
		}

		this.#call(call, String(parameters['connection']), response);
	}

	#connect(
		answering: SimulatedAgent,
		parameters: Readonly<Record<string, unknown>>,
		response: ServerResponse,
	): void {
		const {login, password} = webApiLogin;
		if (answering.services.find('SLNet')?.state !== serviceStates.running) {
			refuse(response, 'The DataMiner Agent is not running.');
		} else if (parameters['login'] === login && parameters['password'] === password) {
			const connection = randomUUID();
			this.#connections.set(connection, this.#agent.clock.now().getTime());
			send(response, 200, {d: connection});
		} else {
			refuse(response, 'Authentication failed: the user name or the password is wrong.');
		}
	}

	#call(name: string, connection: string, response: ServerResponse): void {
		const usedAt = this.#connections.get(connection);
		const now = this.#agent.clock.now().getTime();
		if (usedAt === undefined || now - usedAt > idleMs) {
			// Source: Using_the_Web_Services_v1.md
			refuse(response, 'No connection available');
		} else if (name === 'LogOut') {
			this.#connections.delete(connection);
			send(response, 200, {d: null});
		} else if (name === 'GetDataMinerAgentsInfo') {
			this.#connections.set(connection, now);
			send(response, 200, {d: this.#agentsInfo()});
		} else {
			refuse(response, `Unknown web method ${name}.`);
		}
	}

	#agentsInfo(): readonly object[] {
		return this.#agent.members
			.filter(({failover}) => failover?.role !== 'offline')
			.map(member => ({
				__type: 'Skyline.DataMiner.Web.Common.v1.DMAInfo',
				ID: member.dataMinerId,
				Name: member.name,
				PrimaryIP: member.failover ? virtualAddressOf(pairOf(member)) : member.address,
				Cluster: this.#clusterName,
				Status: member.services.find('SLDataMiner')?.state === serviceStates.running ? 'Running' : 'Unknown',
				IsFailOver: member.failover !== undefined,
				LastChangeUTC: this.#agent.clock.now().getTime(),
			}));
	}
}

function sendModules(response: ServerResponse, {services, version}: SimulatedAgent): void {
	if (services.find('DataMiner APIGateway')?.state === serviceStates.running) {
		send(response, 200, [
			{Name: 'APIGateway', Version: '3.5.0', Endpoint: '/APIGateway'},
			{Name: 'SLNet', Version: version.split('-')[0]},
		]);
	} else {
		sendPage(response, 404, 'Not Found');
	}
}

/** As IIS does where nothing else answers. */
function sendPage(response: ServerResponse, status: number, title: string): void {
	response
		.writeHead(status, {'content-type': 'text/html; charset=us-ascii'})
		.end(`<HTML><HEAD><TITLE>${title}</TITLE></HEAD><BODY><h2>${title}</h2></BODY></HTML>\r\n`);
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
