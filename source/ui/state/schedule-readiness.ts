import {assumedDefaultPolicy} from '../../domain/failover-policy.ts';
import {
	type Readiness,
	type ReadinessFinding,
	findingsOf,
	findingsToAcknowledge,
	isBlocked,
	isStale,
	refusesStart,
} from '../../domain/readiness.ts';
import type {LookWish, WishedLook} from '../ports.ts';
import {openRunRefusal} from './open-run.ts';
import {rememberLast} from './remember-last.ts';
import {chosenAgents} from './schedule-outlook.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {DashboardData, UpdateContext} from './update.ts';
import {names} from './wave-words.ts';

type Now = Pick<UpdateContext, 'data' | 'now'>;

/** Whom the form is about and with what; undefined while that does not stand, or while nobody may be looked at. */
export function lookWishOf(state: ScheduleState, data: DashboardData): LookWish | undefined {
	const {chosen, agents, marked, policy} = state;
	if (!data.cluster || !chosen?.facts || lookRefusal(state, data) !== undefined) {
		return undefined;
	}

	const ids = chosenAgents(data.cluster.cluster, agents, marked);
	return ids.length === 0
		? undefined
		: {
				agents: ids,
				package: chosen.facts,
				policy: policy === 'UseDefault' ? assumedDefaultPolicy : policy,
			};
}

export function isSameWish(a: LookWish | undefined, b: LookWish | undefined): boolean {
	if (!a || !b) {
		return a === b;
	}

	return (
		a === b ||
		(a.package === b.package &&
			a.policy === b.policy &&
			(a.agents === b.agents || a.agents.join('/') === b.agents.join('/')))
	);
}

/** Why nobody is looked at: beside an upgrade that goes on, what is found is true for a moment only. */
export function lookRefusal({agents, marked}: ScheduleState, data: DashboardData): string | undefined {
	const open = openRunRefusal(data);
	if (open !== undefined || !data.cluster) {
		return open;
	}

	const {cluster, agents: views} = data.cluster;
	const upgrading = chosenAgents(cluster, agents, marked).filter(
		id => views.get(id)?.status?.upgradeInProgress !== undefined,
	);
	return upgrading.length === 0
		? undefined
		: `An upgrade goes on on ${names(upgrading, 5)}. Wait until it is over.`;
}

/** What is known of the readiness of the Agents of the form. */
export interface Outlook {
	readonly look: WishedLook;
	/** What did not simply pass; worst first. */
	readonly findings: readonly ReadinessFinding[];
	/** How many checks passed. */
	readonly passed: number;
	/** Agents that answered, and are not blocked. */
	readonly ready: number;
	readonly stale: boolean;
}

/** Undefined before the first look at what the form says now. */
export function readinessOf(state: ScheduleState, {data, now}: Now): Outlook | undefined {
	const {look} = data;
	return look && isSameWish(look.wish, lookWishOf(state, data))
		? {look, ...counted(look.readiness), stale: isStale(look.readiness, now)}
		: undefined;
}

const counted = rememberLast((readiness: Readiness) => {
	const all = findingsOf(readiness);
	const findings = all.filter(({check}) => check.outcome !== 'pass');
	return {
		findings,
		passed: all.length - findings.length,
		ready: [...readiness.agents.values()].filter(checks => !isBlocked(checks)).length,
	};
});

/** Why what is known of the Agents lets nothing start; undefined where it does. */
export function readinessRefusal(state: ScheduleState, context: Now): string | undefined {
	const {data} = context;
	const outlook = readinessOf(state, context);
	if (!outlook) {
		return lookRefusal(state, data) ?? 'The Agents are still being looked at. Wait a moment.';
	}

	const {look, findings, stale} = outlook;
	const [worst, ...more] = findings.filter(({check}) => refusesStart(check));
	if (worst) {
		const others = more.length === 0 ? '' : ` And ${more.length} more: see Readiness.`;
		return `Not ready. ${findingText(worst, look.wish.agents.length)} ${worst.check.remedy}${others}`;
	}

	if (look.waitingFor.length > 0) {
		return `Not answered yet: ${names(look.waitingFor, 5)}. Wait a moment.`;
	}

	return stale ? 'The Agents were looked at too long ago. R looks again.' : undefined;
}

/** What somebody has to take responsibility for before something is started. */
export function warningsOf(state: ScheduleState, context: Now): readonly ReadinessFinding[] {
	const outlook = readinessOf(state, context);
	return outlook ? findingsToAcknowledge(outlook.look.readiness) : [];
}

/** A finding in a line: whom it is about, and what was found. */
export function findingText(finding: ReadinessFinding, all: number): string {
	return `${findingAgents(finding, all)}: ${findingWords(finding)}`;
}

/** `limit`: as many names as are told at once. */
export function findingAgents({check, agents}: ReadinessFinding, all: number, limit = 3): string {
	if (agents.length === 0) {
		return isOfPackage(check.id) ? 'Package' : 'Versions';
	}

	return agents.length === all && all > 1 ? 'all Agents' : names(agents, limit);
}

/** What was found, behind the name of the check where that is not the same for all of its kind. */
export function findingWords({check: {title, evidence}, agents}: ReadinessFinding): string {
	return agents.length === 0 ? evidence : `${title}: ${evidence}`;
}

function isOfPackage(check: string): boolean {
	return check === 'package' || check === 'version-of-package' || check.startsWith('package.');
}
