import type {AgentId} from '../agent.ts';
import type {AgentStatus} from '../agent-status.ts';
import type {FailoverPair} from '../cluster.ts';
import type {OrderingPolicy} from '../failover-policy.ts';
import type {PackageFacts} from '../package-facts.ts';
import type {UpgradePlan} from '../plan.ts';
import type {NeedFacts} from '../rules/needs/need.ts';
import type {AgentAnswer} from './agent-answer.ts';
import {clockSkew} from './clock-check.ts';
import {failoverHealth} from './failover-check.ts';
import {freeDisk} from './free-disk.ts';
import {readinessGoodForMs} from './freshness.ts';
import {launchProgram} from './launch-check.ts';
import {clusterMembers} from './members-check.ts';
import {permission} from './permission-check.ts';
import {packageChecks} from './package-checks.ts';
import type {ReadinessCheck} from './readiness-check.ts';
import {ruleChecks} from './rule-checks.ts';
import {
	noUpgradeGoingOn,
	notLocked,
	reachable,
	running,
	sameVersion,
	targetVersion,
} from './status-checks.ts';
import {testedChecks} from './tested-checks.ts';
import {type ManualItem, manualItems, pathChecks} from './way-checks.ts';
import {moduleServices, pendingReboot} from './windows-checks.ts';

/** What a closer look is judged by, besides the answers. */
export interface ReadinessContext {
	/** When the Agents were looked at, in milliseconds since 1970-01-01 UTC. */
	readonly at: number;
	/** The Failover pairs of the cluster. */
	readonly pairs?: readonly FailoverPair[];
	/** Agents of the whole cluster; those that answered, where it is missing. */
	readonly nodes?: number;
	/** In which order pairs will be upgraded. */
	readonly policy?: OrderingPolicy;
	/** What is planned, where that is known. */
	readonly goal?: UpgradePlan['goal'];
}

/** Whether a cluster is ready for a package. */
export interface Readiness {
	/** When the Agents were looked at, in milliseconds since 1970-01-01 UTC. */
	readonly at: number;
	/** How long it may be trusted. */
	readonly goodForMs: number;
	/** What concerns the package and the way from version to version. */
	readonly cluster: readonly ReadinessCheck[];
	/** Every Agent that was asked, in the order of the answers. */
	readonly agents: ReadonlyMap<AgentId, readonly ReadinessCheck[]>;
	/** What people have to look at themselves; worst first. */
	readonly manual: readonly ManualItem[];
}

/** Judges everything that can be known before anything is changed. */
export function assessReadiness(
	answers: ReadonlyMap<AgentId, AgentAnswer>,
	facts: PackageFacts,
	context: ReadinessContext,
): Readiness {
	const found = [...answers.values()].flatMap(answer =>
		'status' in answer ? [needFacts(answer, answers.size, facts, context)] : [],
	);
	return {
		at: context.at,
		goodForMs: readinessGoodForMs,
		cluster: [
			...packageChecks(facts),
			...pathChecks(
				found.map(({status}) => status),
				facts,
			),
		],
		agents: checkReadiness(answers, facts, context),
		manual: manualItems(found),
	};
}

/**
 * Judges each Agent by its own answer and by those of the others. Every Agent gets at least one check. Without a context
 * nobody has looked closer, and what only that would tell is left out.
 */
export function checkReadiness(
	answers: ReadonlyMap<AgentId, AgentAnswer>,
	facts: PackageFacts,
	context?: ReadinessContext,
): ReadonlyMap<AgentId, readonly ReadinessCheck[]> {
	const versions = [...answers].flatMap(([id, answer]) =>
		'status' in answer && answer.status.version ? [{id, version: answer.status.version}] : [],
	);
	const clocks = [...answers.values()].flatMap(answer =>
		'status' in answer && answer.survey?.clock ? [answer.survey.clock] : [],
	);
	const names = [
		...new Set(
			[...answers.values()].flatMap(answer =>
				'status' in answer && answer.survey?.clusterName !== undefined ? [answer.survey.clusterName] : [],
			),
		),
	];
	return new Map(
		[...answers].map(([id, answer]) => {
			if ('unreachable' in answer) {
				return [id, [reachable(answer)]];
			}

			const {status, lockedBy} = answer;
			const others = versions.filter(other => other.id !== id);
			const checks = [
				reachable(),
				running(status),
				sameVersion(status, others),
				targetVersion(status, facts),
				freeDisk(status, facts),
				noUpgradeGoingOn(status),
				...(lockedBy || context ? [notLocked(lockedBy)] : []),
				...(context
					? [
							permission(answer.survey ?? {}, facts, context.goal),
							failoverHealth(status, partnerOf(id, answers, context), answer.survey ?? {}),
							...(context.nodes === undefined
								? []
								: [
										clusterMembers(answer.survey ?? {}, {
											nodes: context.nodes,
											pairs: context.pairs?.length ?? 0,
											names,
										}),
									]),
							clockSkew(answer.survey?.clock, clocks),
							launchProgram(answer.survey ?? {}),
							pendingReboot(answer.survey ?? {}),
							moduleServices(answer.survey ?? {}),
							...ruleChecks(needFacts(answer, answers.size, facts, context)),
							...testedChecks(answer.tested),
						]
					: []),
			];
			return [id, checks.filter(check => check !== undefined)];
		}),
	);
}

function needFacts(
	{status, survey = {}, tested}: Extract<AgentAnswer, {status: AgentStatus}>,
	answered: number,
	facts: PackageFacts,
	{at, nodes, policy}: ReadinessContext,
): NeedFacts {
	return {
		status,
		survey,
		package: facts,
		nodes: nodes ?? answered,
		now: at,
		...(tested && !('notRun' in tested) && {tested}),
		...(policy && {policy}),
	};
}

function partnerOf(
	id: AgentId,
	answers: ReadonlyMap<AgentId, AgentAnswer>,
	{pairs = []}: ReadinessContext,
): {readonly id: AgentId; readonly answer: AgentAnswer | undefined} | undefined {
	const partner = pairs.find(pair => pair.includes(id))?.find(other => other !== id);
	return partner === undefined ? undefined : {id: partner, answer: answers.get(partner)};
}
