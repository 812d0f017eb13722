import type {Inventory, InventoryAgent} from '../config/inventory.ts';
import type {AgentIdentity} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import {type Failure, UserError, exitCodes, failureOf} from '../domain/user-error.ts';
import {type AgentReply, askAgents} from '../orchestration/ask-agents.ts';
import {openCluster} from './cluster-session.ts';
import {type Discovered, type Member, discoveredCluster, withoutPartner} from './discovered-cluster.ts';
import type {Start} from './discovery-start.ts';
import {SshAccess} from './ssh-access.ts';

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

	const {memberIds} = identity;
	const isMisled = isAnother(identity, memberIds?.get(first.address));
	const own = isMisled
		? undefined
		: identity.members.includes(first.address)
			? first.address
			: identity.ownAddress;
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
				reply:
					'failure' in answer ? answer.failure : checked(answer.identity, address, memberIds?.get(address)),
			};
		}
	};
	await Promise.all(Array.from({length: atOnce}, worker));
	const readFrom = isMisled ? `${identity.name}, who answers for ${first.name}` : first.name;
	return discoveredCluster({name: first.name, readFrom, identity}, members, rest);
}

const atOnce = 16;

/** What is reached by an address may be another Agent than DMS.xml means by it: the online one of a pair, for example. */
function isAnother({dataMinerId}: AgentIdentity, expected: number | undefined): boolean {
	return dataMinerId !== undefined && expected !== undefined && dataMinerId !== expected;
}

function checked(
	identity: AgentIdentity,
	address: string,
	expected: number | undefined,
): AgentIdentity | Failure {
	return isAnother(identity, expected)
		? {
				code: 'ANOTHER_AGENT',
				message: `what answers at ${address} is the Agent with DataMiner ID ${identity.dataMinerId}, and DMS.xml means ${expected}`,
				nextSteps: ['Find the address by which that Agent itself is reached.'],
			}
		: identity;
}

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
