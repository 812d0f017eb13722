import path from 'node:path';
import {clusterEntry, indented} from '../config/cluster-file-text.ts';
import {type Inventory, type InventoryAgent, agentSchema} from '../config/inventory.ts';
import {addToClusterFile} from '../config/write-cluster-file.ts';
import {visibleText} from '../domain/text.ts';
import {type ExitCode, type Failure, UserError, exitCodes, failureOf} from '../domain/user-error.ts';
import {type AgentReply, askAgents} from '../orchestration/ask-agents.ts';
import type {Arguments} from './arguments.ts';
import {openCluster} from './cluster-session.ts';
import {clusterSourceOf} from './cluster-source.ts';
import {discoverOnWeb} from './discover-web.ts';
import {type Discovered, type Member, discoveredCluster, withoutPartner} from './discovered-cluster.ts';
import {findClusters, ownClusterFile} from './own-clusters.ts';
import {SshAccess} from './ssh-access.ts';
import {terminalAccess} from './terminal-prompts.ts';
import {UsageError} from './usage-error.ts';

type Flags = Arguments['flags'];

/** `dms-upgrade agents --discover HOST` and `--discover-web URL`, as the command line asks for them. */
export async function runDiscovery(
	flags: Flags,
	signal: AbortSignal,
	write: (text: string) => void = text => void process.stdout.write(text),
): Promise<ExitCode> {
	const {discover: host, discoverWeb: url} = flags;
	if (host !== undefined && url !== undefined) {
		throw new UsageError('--discover and --discover-web are two ways to ask the same.', [
			'Choose one of them.',
		]);
	}

	const source = flags.lab === undefined ? undefined : await clusterSourceOf(flags, signal);
	try {
		const all = source ? [source.inventory] : ((await findClusters(flags.config)) ?? []);
		const known = all.filter(({cluster}) => flags.cluster === undefined || cluster === flags.cluster);
		const access = terminalAccess(flags);
		const {inventory, remarks} =
			url === undefined
				? await discover(startFrom(host ?? '', known, flags), known, {signal, access})
				: await discoverOnWeb(url, access, signal);
		if (flags.write === undefined) {
			write(
				flags.json
					? `${JSON.stringify(inventory, null, 2)}\n`
					: `clusters:\n${indented(clusterEntry(inventory, remarks), 2)}`,
			);
			return exitCodes.done;
		}

		const file = flags.write === '' ? (flags.config ?? ownClusterFile()) : flags.write;
		await addToClusterFile(file, inventory, remarks);
		write(flags.json ? `${JSON.stringify({file, cluster: inventory.cluster})}\n` : written(file, inventory));
		return exitCodes.done;
	} finally {
		await source?.close(false);
	}
}

function written(file: string, {cluster, agents}: Inventory): string {
	return `${visibleText(cluster)} with ${agents.length} ${agents.length === 1 ? 'Agent' : 'Agents'} stands in ${visibleText(file, 300)} now.\n  → Read it through: what could not be found out is said there.\n`;
}

/** Where to begin, and what its file says of the cluster. */
export interface Start extends Pick<Inventory, 'speed' | 'sshConfig' | 'packages'> {
	readonly agent: InventoryAgent;
}

/**
 * The Agent of a known cluster that bears this name or address, or else `[USER@]HOST[:PORT]` over SSH, or the service at
 * `https://HOST[:PORT]`. Throws a `UsageError`.
 */
export function startFrom(
	host: string,
	known: readonly Inventory[],
	{identityFile, hostKey, tokenFile}: Partial<Pick<Flags, 'identityFile' | 'hostKey' | 'tokenFile'>>,
): Start {
	const more = {
		...(identityFile !== undefined && {identityFile}),
		...(hostKey !== undefined && {hostKey}),
		...(tokenFile !== undefined && {tokenFile: path.resolve(tokenFile)}),
	};
	const found = known.flatMap(({cluster, speed, sshConfig, packages, agents}) =>
		agents
			.filter(({name, address}) => name === host || address.toLowerCase() === host.toLowerCase())
			.map(agent => ({
				cluster,
				start: {
					agent: {...agent, ...more},
					speed,
					...(sshConfig !== undefined && {sshConfig}),
					...(packages !== undefined && {packages}),
				},
			})),
	);
	const [first] = found;
	if (first && new Set(found.map(({cluster}) => cluster)).size > 1) {
		throw new UsageError(`${visibleText(host, 100)} is an Agent of several clusters in the file.`, [
			`Add --cluster NAME: ${found.map(({cluster}) => cluster).join(', ')}.`,
		]);
	}

	if (first) {
		return first.start;
	}

	if (/^https?:/i.test(host)) {
		return {agent: {...servedAt(host), ...more}, speed: 1};
	}

	const parts =
		/^(?:(?<user>[^@]+)@)?(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+|[^:]*:[^:]*:.*?))(?::(?<port>\d+))?$/.exec(host);
	const {user, v6, name, port} = parts?.groups ?? {};
	const address = v6 ?? name ?? '';
	const {data} = agentSchema.safeParse({
		name: address.replaceAll(/[^\w.-]+/g, '-').slice(0, 64),
		address,
		...(user !== undefined && {user}),
		...(port !== undefined && {port: Number(port)}),
		...more,
	});
	if (!data) {
		throw new UsageError(`--discover ${visibleText(host, 200)} names no Agent.`, [
			'Write --discover HOST, with the user and the port where they are needed: Administrator@10.4.2.92:22.',
			'Or name an Agent of one of your clusters.',
			'--host-key takes a fingerprint such as SHA256:…',
		]);
	}

	return {agent: data, speed: 1};
}

/** Throws a `UsageError`. */
function servedAt(text: string): InventoryAgent {
	const url = URL.parse(text);
	const address = url?.hostname.replaceAll(/^\[|\]$/g, '') ?? '';
	const {data} = agentSchema.safeParse({
		name: address.replaceAll(/[^\w.-]+/g, '-').slice(0, 64),
		address,
		service: {
			...(url?.port && {port: Number(url.port)}),
			// Whether that is allowed is decided where it is connected to.
			plain: url?.protocol === 'http:',
		},
	});
	if (!data || url?.username !== '' || url.password !== '' || !['', '/'].includes(url.pathname)) {
		throw new UsageError(`--discover ${visibleText(text, 200)} is no service of an Agent.`, [
			'Write https://HOST or https://HOST:PORT, as dms-upgrade serve prints it there.',
			'--discover-web asks the web API of DataMiner itself.',
		]);
	}

	return data;
}

interface ReachOptions {
	readonly signal?: AbortSignal;
	readonly access?: SshAccess;
}

/** Reads DMS.xml of one Agent and asks the others who they are. Rejects where the first one does not answer. */
export async function discover(
	{agent: first, ...rest}: Start,
	known: readonly Inventory[],
	options: ReachOptions = {},
): Promise<Discovered> {
	const reply = await identify(first, rest, options);
	if ('failure' in reply) {
		throw new FirstAgentSilentError(reply.failure);
	}

	const {identity} = reply;
	if (identity.members.length === 0) {
		throw new NoMembersError(first.name);
	}

	const own = identity.members.includes(first.address) ? first.address : identity.ownAddress;
	const agents = known.flatMap(inventory => inventory.agents);
	const members: Member[] = [];
	const waiting = [...identity.members.entries()];
	const worker = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			const [index, address] = next;
			const found =
				address === own
					? agents.find(({name}) => name === first.name)
					: agents.find(agent => agent.address.toLowerCase() === address.toLowerCase());
			const agent = address === own ? first : (found ?? asTheFirst(first, address));
			const answer = address === own ? reply : await identifyOrNot(agent, rest, options);
			members[index] = {
				address,
				agent,
				isKnown: found !== undefined,
				reply: 'failure' in answer ? answer.failure : answer.identity,
			};
		}
	};
	await Promise.all(Array.from({length: atOnce}, worker));
	return discoveredCluster({name: first.name, identity}, members, rest);
}

const atOnce = 16;

/** Nothing else being known, the others are reached as the first one was; each has a key or certificate of its own. */
function asTheFirst(
	{user, port, identityFile, service, tokenFile}: InventoryAgent,
	address: string,
): InventoryAgent {
	return {
		name: address,
		address,
		...(user !== undefined && {user}),
		...(port !== undefined && {port}),
		...(identityFile !== undefined && {identityFile}),
		...(service && {service: {port: service.port, plain: service.plain, switchOver: false}}),
		...(tokenFile !== undefined && {tokenFile}),
	};
}

async function identifyOrNot(
	agent: InventoryAgent,
	rest: Omit<Start, 'agent'>,
	options: ReachOptions,
): Promise<AgentReply> {
	try {
		return await identify(agent, rest, options);
	} catch (error) {
		options.signal?.throwIfAborted();
		if (!(error instanceof UserError)) {
			throw error;
		}

		return {failure: failureOf(error)};
	}
}

/** Rejects where it is not even known how the Agent could be reached. */
async function identify(
	agent: InventoryAgent,
	rest: Omit<Start, 'agent'>,
	{signal, access = new SshAccess()}: ReachOptions,
): Promise<AgentReply> {
	const session = await openCluster({cluster: agent.name, ...rest, agents: [withoutPartner(agent)]}, access);
	try {
		const replies = await askAgents({
			connections: session.connections,
			clock: access.clock,
			...(signal && {signal}),
		});
		const [reply] = replies.values();
		if (!reply) {
			throw new Error(`no connection was made for Agent ${agent.name}`);
		}

		return reply;
	} finally {
		await session.close();
	}
}

/** Without the first Agent, nothing is known of the others. */
class FirstAgentSilentError extends UserError {
	override readonly exitCode = exitCodes.unreachable;
	readonly code: string;
	readonly nextSteps: readonly string[];
	constructor({code, message, nextSteps}: Failure) {
		super(message);
		this.code = code;
		this.nextSteps = [...nextSteps, 'Or begin with another Agent of the cluster.'];
	}
}

/** The Agent does not say to which cluster it belongs. */
class NoMembersError extends UserError {
	readonly code = 'NO_MEMBERS';
	override readonly exitCode = exitCodes.agentFailed;
	readonly nextSteps = [
		'Look at C:\\Skyline DataMiner\\DMS.xml there: is it an Agent, and does it list the cluster?',
		'Or begin with another Agent of the cluster.',
	];

	constructor(agent: string) {
		super(`DMS.xml of ${visibleText(agent, 100)} names no Agents, or is not there.`);
	}
}
