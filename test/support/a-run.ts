import {StaleLockError} from '../../source/agent/lock-errors.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../../source/domain/plan.ts';
import type {Operator, RunEvent, RunFact, RunId} from '../../source/domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {checkReadiness} from '../../source/domain/readiness.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {failureOf} from '../../source/domain/user-error.ts';
import {parseVersion} from '../../source/domain/version.ts';
import type {RunSummary} from '../../source/ui/ports.ts';
import {rolesOf} from '../../source/ui/state/schedule-outlook.ts';
import type {DashboardData} from '../../source/ui/state/update.ts';
import {type aCluster, aClusterView, aStatus, testTime} from './a-cluster.ts';

const MiB = 1024 ** 2;

/** A full package of the usual size with prerequisites. */
export function aBigPackage(changes: Partial<PackageFacts> = {}): PackageFacts {
	const version = parseVersion('10.6.4.0-16868');
	return {
		file: 'DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade',
		size: 1200 * MiB,
		kind: 'full',
		...(version && {version}),
		label: 'release',
		prerequisites: ['VerifyClusterPorts', 'VerifyNatsIsRunning', 'VerifyDotNet8'],
		executor: true,
		actions: ['Disable', 'Update Files', 'Start'],
		restarts: 'agent',
		unpackedSize: 3000 * MiB,
		problems: [],
		...changes,
	};
}

export function aPlan(
	request: Partial<UpgradeRequest> = {},
	wishes: Parameters<typeof aCluster>[0] = {},
): UpgradePlan {
	const view = aClusterView(wishes);
	const result = planUpgrade(view.cluster, rolesOf(view), {
		goal: 'upgrade',
		package: aBigPackage(),
		agents: 'all',
		options: defaultUpgradeOptions,
		policy: 'Simultaneously',
		...request,
	});
	if (!('plan' in result)) {
		throw new Error(result.refusals.map(({message}) => message).join(' '));
	}

	return result.plan;
}

export const edith: Operator = {user: 'edith', host: 'jump-01'};
export const kim: Operator = {user: 'kim', host: 'jump-02'};

/** A run in the list of runs, as far as its events say; how it stands otherwise is up to the test. */
export function aSummary(run: ARun, changes: Partial<RunSummary> = {}): RunSummary {
	const {run: id = '', plan, operator = edith, startedAt = 0, finishedAt, outcome, endedBy} = run.state;
	const isOver = outcome !== undefined || endedBy !== undefined;
	return {
		run: id,
		cluster: plan?.cluster ?? '',
		goal: plan?.goal ?? 'upgrade',
		package: run.plan.package,
		packagePath: `/home/edith/packages/${run.plan.package.file}`,
		packageSha256: 'ab'.repeat(32),
		agents: run.plan.agents,
		operator,
		startedAt,
		...(finishedAt !== undefined && {finishedAt}),
		...(outcome && {outcome}),
		standing: isOver ? 'over' : 'going on',
		canRetry: isOver && outcome !== 'done' && !endedBy,
		...changes,
	};
}

/** Why a run does not touch an Agent whose lock another run left behind. */
export const staleLock = failureOf(
	new StaleLockError(
		'DMA-02',
		{run: '2026-03-05-2', operator: kim, since: Date.UTC(2026, 2, 5, 22, 14, 7)},
		40_000_000,
	),
);

/** What the dashboard knows of a run that it shows. */
export function shownRun(run: ARun, changes: Partial<RunSummary> = {}): Partial<DashboardData> {
	const summary = aSummary(run, changes);
	return {run: run.state, shown: summary.run, runs: [summary], standing: summary.standing};
}

/** A run that is told event by event; its state is the fold of them. */
export class ARun {
	readonly plan: UpgradePlan;
	readonly events: RunEvent[] = [];
	/** The time of the next event. */
	now = testTime;

	constructor(plan: UpgradePlan = aPlan(), run: RunId = '2026-03-06-1') {
		this.plan = plan;
		this.record({type: 'run.started', run, plan, operator: edith});
	}

	get state(): RunState {
		return foldRun(emptyRunState, this.events);
	}

	/** Milliseconds go by. */
	wait(milliseconds: number): this {
		this.now += milliseconds;
		return this;
	}

	record(...facts: readonly RunFact[]): this {
		for (const fact of facts) {
			this.events.push({...fact, sequence: this.events.length + 1, at: this.now});
		}

		return this;
	}

	/** For each Agent of the plan, or of those named. */
	each(fact: (agent: AgentId) => RunFact, agents: readonly AgentId[] = this.plan.agents): this {
		return this.record(...agents.map(agent => fact(agent)));
	}

	checked(statuses: Readonly<Record<AgentId, ReturnType<typeof aStatus>>> = {}): this {
		const answers = new Map(this.plan.agents.map(id => [id, {status: statuses[id] ?? aStatus()}] as const));
		const checks = checkReadiness(answers, this.plan.package);
		return this.record({type: 'phase.started', phase: 'readiness'}).each(agent => ({
			type: 'agent.checked',
			agent,
			checks: checks.get(agent) ?? [],
			status: answers.get(agent)?.status ?? aStatus(),
		}));
	}

	uploading(): this {
		return this.record({type: 'phase.started', phase: 'upload'}).each(agent => ({
			type: 'upload.started',
			agent,
			total: this.plan.package.size,
		}));
	}

	uploaded(agents?: readonly AgentId[]): this {
		const path = `C:\\ProgramData\\dms-upgrade\\${this.plan.package.file}`;
		return this.each(
			agent => ({type: 'upload.finished', agent, sha256: 'ab', alreadyThere: false, path}),
			agents,
		);
	}

	tested(): this {
		const {prerequisites} = this.plan.package;
		this.record({type: 'phase.started', phase: 'prerequisites'});
		this.each(agent => ({type: 'prerequisites.started', agent, checks: prerequisites.length}));
		for (const check of prerequisites) {
			this.each(agent => ({
				type: 'prerequisite.finished',
				agent,
				result: {check, outcome: 'passed', message: ''},
			}));
		}

		return this.each(agent => ({type: 'prerequisites.finished', agent}));
	}

	/** Upgrading, from the first step of the plan on. */
	launched(agents?: readonly AgentId[]): this {
		return this.record({type: 'phase.started', phase: 'upgrade'}, {type: 'step.started', step: 0})
			.each(agent => ({type: 'launch.started', agent}), agents)
			.each(agent => ({type: 'launch.finished', agent, receipt: {reference: `Upgrade ${agent}`}}), agents);
	}

	/** Somebody asks to stop it: what was launched and is not over goes on. */
	stopAsked(operator: Operator = kim): this {
		const goOn = [...this.state.agents.values()]
			.filter(({launchedAt, outcome}) => launchedAt !== undefined && outcome === undefined)
			.map(({id}) => id);
		return this.record({type: 'stop.requested', operator, goOn});
	}

	/** Those that are not done are tried once more. */
	retried(operator: Operator = kim): this {
		const agents = [...this.state.agents.values()]
			.filter(({outcome}) => outcome !== 'done')
			.map(({id}) => id);
		return this.record({type: 'run.retried', operator, agents});
	}

	/** A line of an Agent's own log. */
	says(agent: AgentId, type: string, message: string): this {
		return this.record({type: 'agent.progressed', agent, line: {type, message}, nextOffset: 0});
	}

	verified(agents?: readonly AgentId[]): this {
		const {version} = this.plan.package;
		return this.each(agent => ({type: 'agent.verified', agent, ...(version && {version})}), agents);
	}
}
