import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Prompts} from '../agent/prompts.ts';
import type {AgentId} from '../domain/agent.ts';
import type {RunId} from '../domain/run-event.ts';
import {type Failure, UserError} from '../domain/user-error.ts';
import type {RunJournal, RunSummary} from '../journal/run-journal.ts';
import type {ClusterWatch} from '../orchestration/cluster-watch.ts';
import type {FormLook} from '../orchestration/form-look.ts';
import type {ClusterPort, DashboardPorts, PackagesPort, ReadinessPort, RunsPort} from '../ui/ports.ts';
import type {runsOnCluster as RunsOnCluster} from './cluster-history.ts';
import type {ClusterSession} from './cluster-session.ts';
import type {ClusterSource} from './cluster-source.ts';
import {DashboardQuestions} from './dashboard-questions.ts';
import {PackageShelf} from './package-shelf.ts';
import type {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';

/** Between two questions to an Agent while nothing happens, in milliseconds of the Agent's time. */
const watchInterval = 10_000;
/** However fast time runs in the lab, no Agent is asked more often than this. */
const shortestWatchInterval = 1000;

/** The cluster is not there yet, or not any more. */
class NotConnectedError extends UserError {
	readonly code = 'NOT_CONNECTED';
	readonly nextSteps = ['Wait until the Agents are shown, then try again.'];
	constructor() {
		super('The cluster is not connected yet.');
	}
}

/** What is not needed for the first frame is loaded behind it. */
const loadOperations = () => import('./dashboard-operations.ts');

/** What the dashboard is opened on. */
export interface Opening {
	readonly journal: RunJournal;
	readonly source: ClusterSource;
	readonly access: SshAccess;
	/** The run that was asked for. */
	readonly run?: RunId;
}

/** What the dashboard works with: a cluster and its runs, which are found while the first frame already stands. */
export class DashboardSession {
	readonly ports: DashboardPorts;
	readonly #shelf = new PackageShelf();
	readonly #listeners = new Set<() => void>();
	readonly #questions = new DashboardQuestions({
		changed: () => this.#changed(),
		subscribe: listener => this.#subscribe(listener),
	});
	readonly #failed = new AbortController();
	readonly #closed = new AbortController();
	readonly #opened: Promise<void>;
	#opening: Opening | undefined;
	#session: ClusterSession | undefined;
	#watch: ClusterWatch | undefined;
	#look: FormLook | undefined;
	#runs: readonly RunSummary[] = [];
	#elsewhere: ReadonlySet<RunId> = new Set();
	#switchOverRefusal: Failure | undefined;
	#open: RunId | undefined;
	#onCluster: typeof RunsOnCluster = () => [];

	/** `open` is asked for once, and may reject with what is wrong with the arguments. */
	constructor(open: (signal: AbortSignal, prompts: Prompts) => Promise<Opening>) {
		this.ports = {
			cluster: this.#clusterPort(),
			questions: this.#questions,
			readiness: this.#readinessPort(),
			packages: this.#packagesPort(),
			files: {
				start: process.cwd(),
				list: async folder => (await loadOperations()).browseFolder(folder),
			},
			runs: this.#runsPort(),
			clock: systemClock,
		};
		// Node reads a module in the very call that asks for it; the first frame goes before.
		this.#opened = nextTurn()
			.then(() => this.#begin(open))
			.catch((error: unknown) => {
				// Left before the cluster was there.
				if (!this.#closed.signal.aborted) {
					this.#failed.abort(error);
				}
			});
	}

	/** Aborted, with the reason, when there is nothing to show any more. */
	get failed(): AbortSignal {
		return this.#failed.signal;
	}

	/** Answers the run of this cluster that goes on without the dashboard. */
	async close(): Promise<RunId | undefined> {
		this.#closed.abort();
		this.#watch?.close();
		this.#look?.rest();
		await this.#opened;
		await this.#session?.close();
		if (!this.#opening) {
			return undefined;
		}

		const {journal, source} = this.#opening;
		const {openRun} = await loadOperations();
		const open = openRun(journal, source.inventory);
		await source.close(open?.standing === 'going on');
		journal.close();
		return open?.standing === 'going on' ? open.run : undefined;
	}

	async #begin(open: (signal: AbortSignal, prompts: Prompts) => Promise<Opening>): Promise<void> {
		const {signal} = this.#closed;
		const {ClusterWatch, FormLook, listPackages, openCluster, openRun, runsOnCluster, switchOverRefusal} =
			await loadOperations();
		this.#opening = await open(signal, this.#questions);
		const {journal, source, run, access} = this.#opening;
		const {inventory} = source;
		if (inventory.packages !== undefined) {
			this.#shelf.fill(await listPackages(inventory.packages));
		}

		this.#session = await openCluster(inventory, access);
		this.#switchOverRefusal = switchOverRefusal(this.#session);
		const {cluster, connections} = this.#session;
		this.#watch = new ClusterWatch({
			cluster,
			connections,
			clock: systemClock,
			interval: Math.max(shortestWatchInterval, watchInterval / inventory.speed),
		});
		this.#look = new FormLook({cluster, connections, clock: systemClock});
		if (signal.aborted) {
			this.#watch.close();
			return;
		}

		this.#onCluster = runsOnCluster;
		this.#open = run ?? openRun(journal, inventory)?.run;
		this.#watch.subscribe(() => this.#changed());
		this.#look.subscribe(() => this.#changed());
		journal.subscribe(() => this.#readRuns());
		this.#readRuns();
	}

	#readRuns(): void {
		if (this.#opening && !this.#closed.signal.aborted) {
			const {journal, source} = this.#opening;
			this.#runs = journal.list();
			const here = this.#onCluster(journal, source.inventory);
			const ids = new Set(here.map(({run}) => run));
			this.#elsewhere = new Set(this.#runs.map(({run}) => run).filter(run => !ids.has(run)));
			this.#shelf.mark(here);
			this.#changed();
		}
	}

	#changed(): void {
		for (const listener of this.#listeners) {
			listener();
		}
	}

	#subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	get #connected(): Opening & {readonly session: ClusterSession} {
		if (!this.#opening || !this.#session) {
			throw new NotConnectedError();
		}

		return {...this.#opening, session: this.#session};
	}

	#clusterPort(): ClusterPort {
		return {
			current: () => this.#watch?.current(),
			subscribe: listener => this.#subscribe(listener),
			refresh: () => {
				this.#opening?.access.askAgain();
				this.#watch?.refresh();
			},
			control: (agent, act) => this.#control(agent, act),
		};
	}

	#readinessPort(): ReadinessPort {
		return {
			current: () => this.#look?.current(),
			subscribe: listener => this.#subscribe(listener),
			look: (wish, options) => this.#look?.look(wish, options),
			rest: () => this.#look?.rest(),
		};
	}

	async #control(agent: AgentId, act: 'start' | 'stop' | 'restart'): Promise<void> {
		const connection = this.#connected.session.connections.get(agent);
		await connection?.[act]();
		this.#watch?.refresh();
	}

	#packagesPort(): PackagesPort {
		return {
			current: () => this.#shelf.current(),
			subscribe: listener => this.#shelf.subscribe(listener),
			inspect: async path => (await loadOperations()).inspectPackage(path),
		};
	}

	#runsPort(): RunsPort {
		return {
			current: () => this.#runs,
			subscribe: listener => this.#subscribe(listener),
			elsewhere: () => this.#elsewhere,
			switchOverRefusal: () => this.#switchOverRefusal,
			initial: () => this.#open,
			open: run => this.#connected.journal.reader(run),
			start: async (plan, packagePath, options) => {
				const {journal, source, access} = this.#connected;
				const {startRun} = await loadOperations();
				return startRun(journal, {
					plan,
					packagePath,
					inventory: source.inventory,
					handover: access.handover,
					...options,
				});
			},
			stop: async run => (await loadOperations()).stopRun(this.#connected.journal, run),
			retry: async (run, acknowledged) => {
				const {journal, access} = this.#connected;
				const {refuseRetry, takeUpRun} = await loadOperations();
				refuseRetry(journal, journal.summary(run));
				await takeUpRun(journal, run, 'retry', {acknowledged, handover: access.handover});
			},
			end: async run => {
				const {journal, access} = this.#connected;
				const {takeUpRun} = await loadOperations();
				await takeUpRun(journal, run, 'end', {handover: access.handover});
			},
		};
	}
}
