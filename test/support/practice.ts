import {randomUUID} from 'node:crypto';
import {rm} from 'node:fs/promises';
import type {FailoverRole} from '../../source/domain/agent.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../../source/domain/plan.ts';
import type {Operator, RunEvent, RunOutcome} from '../../source/domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {type ClusterSession, openCluster} from '../../source/commands/cluster-session.ts';
import {inspectPackage, prepareRunPackage} from '../../source/commands/run-package.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import {type Lab, type LabOptions, startLab} from '../../source/lab/lab.ts';
import {carryOut} from '../../source/orchestration/carry-out.ts';
import type {RunLimits} from '../../source/orchestration/run-limits.ts';
import {eventually} from './eventually.ts';

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
		decisions?: {readonly takeOverLocks?: boolean},
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
	/** Tries once more what is not done. */
	readonly retry: () => Promise<FinishedRun>;
	/** Waits for the first event of this type. */
	readonly until: (type: RunEvent['type']) => Promise<void>;
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
		async begin(plan, packagePath, limits = {}, {takeOverLocks = false} = {}) {
			const prepared = await prepareRunPackage(packagePath);
			const journal = new MemoryJournal(systemClock);
			const input = {
				run: `test-${lab.events.length}`,
				plan,
				openPackage: () => Promise.resolve(prepared),
				connections: session.connections,
				operator: {user: 'edith', host: 'jump'},
				journal,
				clock: systemClock,
				limits: {...session.limits, ...limits},
				takeOverLocks,
			};
			const attempt = async (retryBy?: Operator) => {
				const history = journal.read(0);
				const outcome = await carryOut({...input, history, lockToken: randomUUID()}, retryBy);
				const events = journal.read(0);
				return {outcome, events, state: foldRun(emptyRunState, events)};
			};
			return {
				journal,
				ended: attempt(),
				retry: () => attempt({user: 'edith', host: 'jump'}),
				until: type => eventually(() => journal.read(0).some(event => event.type === type)),
			};
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
