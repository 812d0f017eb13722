import {randomUUID} from 'node:crypto';
import {rm} from 'node:fs/promises';
import type {AgentId, FailoverRole} from '../../source/domain/agent.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../../source/domain/plan.ts';
import type {Acknowledgement} from '../../source/domain/readiness.ts';
import type {RunEvent, RunOutcome} from '../../source/domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {type ClusterSession, openCluster} from '../../source/commands/cluster-session.ts';
import {inspectPackage, prepareRunPackage} from '../../source/commands/run-package.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import {layOutCluster} from '../../source/lab/cluster-layout.ts';
import {type Lab, type LabOptions, startLab} from '../../source/lab/lab.ts';
import {carryOut} from '../../source/orchestration/carry-out.ts';
import type {RetryWish} from '../../source/orchestration/run-context.ts';
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
		decisions?: {readonly takeOverLocks?: boolean; readonly acknowledged?: readonly Acknowledgement[]},
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
	readonly retry: (acknowledged?: readonly Acknowledgement[]) => Promise<FinishedRun>;
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
		async begin(
			plan,
			packagePath,
			limits = {},
			{takeOverLocks = false, acknowledged = usualWarnings(plan)} = {},
		) {
			const prepared = await prepareRunPackage(packagePath);
			const journal = new MemoryJournal(systemClock);
			const input = {
				run: `test-${lab.events.length}`,
				plan,
				cluster: session.cluster,
				openPackage: () => Promise.resolve(prepared),
				connections: session.connections,
				operator: {user: 'edith', host: 'jump'},
				journal,
				clock: systemClock,
				limits: {...session.limits, ...limits},
				takeOverLocks,
				acknowledged,
			};
			const attempt = async (wish?: RetryWish) => {
				const history = journal.read(0);
				const outcome = await carryOut({...input, history, lockToken: randomUUID()}, wish);
				const events = journal.read(0);
				return {outcome, events, state: foldRun(emptyRunState, events)};
			};
			return {
				journal,
				ended: attempt(),
				retry: more => attempt({operator: {user: 'edith', host: 'jump'}, ...(more && {acknowledged: more})}),
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

/** What readiness warns of on every practice cluster: known issues of its version, and a backup-first policy. */
export function usualWarnings({agents}: UpgradePlan): readonly Acknowledgement[] {
	const warning = (check: string, ids: readonly AgentId[]) =>
		({check, severity: 'warn', summary: '', agents: ids}) as const;
	return [
		warning('ki.grpc-prerequisite', []),
		warning('ki.remove-ip-leaves-dms', []),
		warning('failover-policy', agents),
	];
}

/**
 * Lets the full package of the lab stay within the major that runs: only there may the Agents of a pair be upgraded one
 * after the other. So that BrokerGateway does not forbid it either, nothing says whether it is used.
 */
export function withinOneMajor({agents = 5, pairs = 1}: LabOptions = {}): LabOptions {
	const servers = layOutCluster(agents, pairs, false).map(({name}) => name);
	return {
		agents,
		pairs,
		version: '10.6.0.0-16700-20260212-rc',
		software: Object.fromEntries(servers.map(name => [name, {files: {'MaintenanceSettings.xml': null}}])),
	};
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
