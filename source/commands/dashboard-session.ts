import {setImmediate as nextTurn} from 'node:timers/promises';
import type {AgentId} from '../domain/agent.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import {type Failure, UserError} from '../domain/user-error.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {ClusterWatch} from '../orchestration/cluster-watch.ts';
import type {ClusterPort, DashboardPorts, PackagesPort, RunsPort} from '../ui/ports.ts';
import type {ClusterSession} from './cluster-session.ts';
import type {LabProcess, LabProcessOptions} from './lab-process.ts';
import {PackageShelf} from './package-shelf.ts';
import type {StartedRun} from './start-run.ts';
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

/** One run at a time: DataMiner allows no second upgrade operation before the first has fully finished. */
class RunGoingOnError extends UserError {
	readonly code = 'RUN_GOING_ON';
	readonly nextSteps = ['Wait until it is over; Upgrade › Progress shows it.'];
	constructor() {
		super('Another run is going on.');
	}
}

function isOver(journal: JournalReader): boolean {
	return journal.read(0).at(-1)?.type === 'run.finished';
}

/** What is not needed for the first frame is loaded behind it. */
const loadOperations = () => import('./dashboard-operations.ts');

/** What the dashboard works with: a practice cluster that starts while the first frame already stands. */
export class DashboardSession {
	readonly ports: DashboardPorts;
	readonly #shelf = new PackageShelf();
	readonly #listeners = new Set<() => void>();
	readonly #failed = new AbortController();
	readonly #closed = new AbortController();
	readonly #opened: Promise<void>;
	#lab: LabProcess | undefined;
	#session: ClusterSession | undefined;
	#watch: ClusterWatch | undefined;
	#run: StartedRun | undefined;
	#switchOverRefusal: Failure | undefined;
	#starting = false;

	/** `lab` is asked for once, and may reject with what is wrong with it. */
	constructor(lab: () => Promise<LabProcessOptions>) {
		this.ports = {
			cluster: this.#clusterPort(),
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
			.then(() => this.#open(lab))
			.catch((error: unknown) => {
				this.#failed.abort(error);
			});
	}

	/** Aborted, with the reason, when there is nothing to show any more. */
	get failed(): AbortSignal {
		return this.#failed.signal;
	}

	async close(): Promise<void> {
		this.#closed.abort();
		this.#watch?.close();
		await this.#opened;
		await this.#session?.close();
		await this.#lab?.stop();
	}

	async #open(lab: () => Promise<LabProcessOptions>): Promise<void> {
		const {signal} = this.#closed;
		const {ClusterWatch, listPackages, openCluster, startLabProcess, switchOverRefusal} =
			await loadOperations();
		try {
			this.#lab = await startLabProcess({...(await lab()), signal});
		} catch (error) {
			// Left before the lab had started.
			if (signal.aborted) {
				return;
			}

			throw error;
		}

		const {inventory} = this.#lab;
		if (inventory.packages !== undefined) {
			this.#shelf.fill(await listPackages(inventory.packages));
		}

		this.#session = await openCluster(inventory);
		this.#switchOverRefusal = switchOverRefusal(this.#session);
		const {cluster, connections} = this.#session;
		this.#watch = new ClusterWatch({
			cluster,
			connections,
			clock: systemClock,
			interval: Math.max(shortestWatchInterval, watchInterval / inventory.speed),
		});
		if (signal.aborted) {
			this.#watch.close();
		}

		this.#watch.subscribe(() => this.#changed());
		this.#changed();
	}

	#changed(): void {
		for (const listener of this.#listeners) {
			listener();
		}
	}

	#connected(): ClusterSession {
		if (!this.#session) {
			throw new NotConnectedError();
		}

		return this.#session;
	}

	#clusterPort(): ClusterPort {
		return {
			current: () => this.#watch?.current(),
			subscribe: listener => {
				this.#listeners.add(listener);
				return () => this.#listeners.delete(listener);
			},
			refresh: () => this.#watch?.refresh(),
			control: (agent, act) => this.#control(agent, act),
		};
	}

	async #control(agent: AgentId, act: 'start' | 'stop' | 'restart'): Promise<void> {
		const connection = this.#connected().connections.get(agent);
		await connection?.[act]();
		this.#watch?.refresh();
	}

	async #start(plan: UpgradePlan, packagePath: string): Promise<JournalReader> {
		const {startRun} = await loadOperations();
		this.#run = await startRun(this.#connected(), plan, packagePath);
		this.#shelf.follow(this.#run.journal, packagePath);
		return this.#run.journal;
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
			switchOverRefusal: () => this.#switchOverRefusal,
			start: async (plan, packagePath): Promise<JournalReader> => {
				if (this.#starting || (this.#run && !isOver(this.#run.journal))) {
					throw new RunGoingOnError();
				}

				this.#starting = true;
				try {
					return await this.#start(plan, packagePath);
				} finally {
					this.#starting = false;
				}
			},
			latest: () => this.#run?.journal,
			stop: async () => {
				const {currentOperator} = await loadOperations();
				await this.#run?.journal.request({kind: 'stop', operator: currentOperator()});
			},
		};
	}
}
