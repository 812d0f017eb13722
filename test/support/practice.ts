import {rm} from 'node:fs/promises';
import type {FailoverRole} from '../../source/domain/agent.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../../source/domain/plan.ts';
import type {RunEvent, RunOutcome} from '../../source/domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {type ClusterSession, openCluster} from '../../source/commands/cluster-session.ts';
import {inspectPackage, prepareRunPackage} from '../../source/commands/run-package.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import {type Lab, type LabOptions, startLab} from '../../source/lab/lab.ts';
import {carryOut} from '../../source/orchestration/carry-out.ts';
import type {RunLimits} from '../../source/orchestration/run-limits.ts';

/** A lab with connections to its Agents; small packages and fast time, so that a whole upgrade takes moments. */
export interface Practice {
	readonly lab: Lab;
	readonly session: ClusterSession;
	readonly plan: (packagePath: string, request?: Partial<UpgradeRequest>) => Promise<UpgradePlan>;
	/** Begins a run; `events` grows while it goes on. */
	readonly begin: (
		plan: UpgradePlan,
		packagePath: string,
		limits?: Partial<RunLimits>,
	) => Promise<PracticeRun>;
	/** Plans and carries out. */
	readonly upgrade: (
		packagePath: string,
		request?: Partial<UpgradeRequest>,
		limits?: Partial<RunLimits>,
	) => Promise<FinishedRun>;
	readonly close: () => Promise<void>;
}

export interface PracticeRun {
	readonly journal: MemoryJournal;
	readonly ended: Promise<FinishedRun>;
}

export interface FinishedRun {
	readonly outcome: RunOutcome;
	readonly events: readonly RunEvent[];
	readonly state: RunState;
}

export async function startPractice(options: LabOptions = {}): Promise<Practice> {
	const lab = await startLab({speed: 1000, fillerBytes: 256 * 1024, ...options});
	const session = await openCluster(lab.inventory);
	const practice: Practice = {
		lab,
		session,
		async plan(packagePath, request = {}) {
			const facts: PackageFacts = await inspectPackage(packagePath);
			const result = planUpgrade(session.cluster, await roles(session), {
				goal: 'upgrade',
				package: facts,
				agents: 'all',
				options: defaultUpgradeOptions,
				policy: 'UseDefault',
				...request,
			});
			if ('refusals' in result) {
				throw new Error(result.refusals.map(({message}) => message).join(' '));
			}

			return result.plan;
		},
		async begin(plan, packagePath, limits = {}) {
			const prepared = await prepareRunPackage(packagePath);
			const journal = new MemoryJournal(systemClock);
			const ended = carryOut({
				run: `test-${lab.events.length}`,
				plan,
				file: prepared.file,
				prerequisites: prepared.prerequisites,
				connections: session.connections,
				operator: {user: 'edith', host: 'jump'},
				journal,
				clock: systemClock,
				limits: {...session.limits, ...limits},
			}).then(async outcome => {
				await prepared.dispose();
				const events = journal.read(0);
				return {outcome, events, state: foldRun(emptyRunState, events)};
			});
			return {journal, ended};
		},
		async upgrade(packagePath, request, limits) {
			const run = await practice.begin(await practice.plan(packagePath, request), packagePath, limits);
			return run.ended;
		},
		async close() {
			await session.close();
			await lab.stop();
			await rm(lab.folder, {recursive: true, force: true});
		},
	};
	return practice;
}

async function roles({connections}: ClusterSession): Promise<Map<string, FailoverRole>> {
	const found = new Map<string, FailoverRole>();
	for (const [id, connection] of connections) {
		const {role} = await connection.status().catch(() => ({role: 'unknown' as const}));
		if (role) {
			found.set(id, role);
		}
	}

	return found;
}
