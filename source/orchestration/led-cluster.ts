import type {AgentId} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import {failoverPairs, findAgent} from '../domain/cluster.ts';
import {leaderOf} from '../domain/launch.ts';
import type {RunFact} from '../domain/run-event.ts';
import {UserError, failureOf} from '../domain/user-error.ts';
import type {GateAnswer} from './last-gate.ts';
import {onceMore} from './once-more.ts';
import type {RunContext} from './run-context.ts';
import type {RunEnding} from './run-endings.ts';

/** Whether this gate lets one Agent be told to upgrade the whole cluster; what is left of one is told one by one. */
export function isLed(run: RunContext, launch: GateAnswer['launch']): boolean {
	return leaderOf(run.plan) !== undefined && launch.size === run.plan.agents.length;
}

/** What is written down before anybody is told to upgrade, all at once. */
export function launchFacts(run: RunContext, {launch, expected}: GateAnswer): readonly RunFact[] {
	const via = isLed(run, launch) ? leaderOf(run.plan) : undefined;
	return [...launch].map(([agent, status]): RunFact => {
		const receipt = agent === via ? undefined : expected.get(agent);
		return {
			type: 'launch.started',
			agent,
			status,
			...(via !== undefined && {via, ...(receipt && {receipt})}),
		};
	});
}

/**
 * The Agent that is to lead upgrades every member that its own `DMS.xml` names: one that the inventory does not have
 * would be upgraded without having been looked at. Undefined when all is well.
 */
export async function checkMembers(run: RunContext): Promise<RunEnding | undefined> {
	const leader = leaderOf(run.plan);
	if (leader === undefined) {
		return undefined;
	}

	const {cluster} = run.input;
	let members: readonly string[];
	try {
		({members} = await onceMore(run, leader, () => run.connection(leader).identify(run.stopSignal)));
	} catch (error) {
		run.stopSignal.throwIfAborted();
		return {outcome: 'unreachable', failure: failureOf(error)};
	}

	const known = new Set(cluster.agents.map(({address}) => address.toLowerCase()));
	const strangers = members.filter(member => !known.has(member.toLowerCase()));
	// A pair may stand there by its virtual address, and an Agent in the inventory by its name.
	const named = cluster.agents.filter(({address}) => !/^[\d.]+$|:/.test(address)).length;
	const explained = strangers.length <= failoverPairs(cluster).length + named;
	if (
		explained &&
		members.length <= cluster.agents.length &&
		(members.length > 0 || cluster.agents.length === 1)
	) {
		return undefined;
	}

	return {
		outcome: 'blocked',
		failure: {
			code: 'MEMBERS_DIFFER',
			message:
				members.length === 0
					? `${leader} cannot be told to upgrade the cluster: its DMS.xml names no members. Nothing was changed on any Agent.`
					: `${leader} would upgrade ${members.join(', ')}, as its DMS.xml names them, and the inventory does not have ${strangers.join(', ')}. Nothing was changed on any Agent.`,
			nextSteps: [
				'Compare the inventory with the cluster: dms-upgrade agents.',
				'Or launch Agent by Agent (--launch agents).',
			],
		},
	};
}

/**
 * Why what is left of a cluster-wide launch cannot be told by itself now; by Agent, empty when it can. DataMiner begins no
 * second upgrade before the first is over everywhere, and we cannot switch a pair over in the middle of its order.
 * Source: Upgrading_a_DataMiner_Agent_in_System_Center.md
 */
export function whyNotAlone(
	run: RunContext,
	launch: ReadonlyMap<AgentId, AgentStatus>,
	going: readonly AgentId[],
): ReadonlyMap<AgentId, string> {
	const leader = leaderOf(run.plan);
	const reasons = new Map<AgentId, string>();
	if (leader === undefined || isLed(run, launch)) {
		return reasons;
	}

	for (const [agent, {state, role}] of launch) {
		if (going.length > 0) {
			reasons.set(agent, `the upgrade that ${leader} leads still goes on, on ${going.join(', ')}`);
		} else if (
			run.plan.policy !== 'Simultaneously' &&
			findAgent(run.input.cluster, agent)?.partner !== undefined &&
			state === 'Running' &&
			role !== 'offline'
		) {
			reasons.set(
				agent,
				`it is ${role ?? 'in no Failover pair'}, and under ${run.plan.policy} it is upgraded while offline: switch the pair over in Cube first`,
			);
		}
	}

	return reasons;
}

/** Says of each Agent of a pair whose role is not what the policy makes it, once all have been upgraded. */
export async function noteRoles(run: RunContext): Promise<void> {
	const {policy} = run.plan;
	for (const agent of failoverPairs(run.input.cluster).flat()) {
		const before = run.agent(agent).statusBefore?.role;
		if (before !== 'online' && before !== 'offline') {
			continue;
		}

		const expected = policy === 'BackupFirst' ? (before === 'online' ? 'offline' : 'online') : before;
		const role = await roleOf(run, agent);
		if (role !== undefined && role !== expected) {
			await run.record({type: 'note', agent, text: `It is ${role}; ${policy} would have it ${expected}.`});
		}
	}
}

/** Whether it can be asked is for the verification to say. */
async function roleOf(run: RunContext, agent: AgentId): Promise<AgentStatus['role']> {
	try {
		return (await run.connection(agent).status()).role;
	} catch (error) {
		if (error instanceof UserError) {
			return undefined;
		}

		throw error;
	}
}
