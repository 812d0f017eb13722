import type {AgentId} from '../domain/agent.ts';
import {UserError} from '../domain/user-error.ts';
import type {JournalReader} from '../journal/journal.ts';
import {ClusterWatch} from '../orchestration/cluster-watch.ts';
import {browseFolder} from '../package/package-folder.ts';
import type {ClusterPort, DashboardPorts, RunsPort} from '../ui/ports.ts';
import {type ClusterSession, openCluster, switchOverRefusal} from './cluster-session.ts';
import {type LabProcess, type LabProcessOptions, startLabProcess} from './lab-process.ts';
import {PackageShelf} from './package-shelf.ts';
import {inspectPackage} from './run-package.ts';
import {type StartedRun, currentOperator, startRun} from './start-run.ts';
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

	constructor(lab: Omit<LabProcessOptions, 'signal'>) {
		this.ports = {
			cluster: this.#clusterPort(),
			packages: {
				current: () => this.#shelf.current(),
				subscribe: listener => this.#shelf.subscribe(listener),
				inspect: inspectPackage,
			},
			files: {start: process.cwd(), list: browseFolder},
			runs: this.#runsPort(),
			clock: systemClock,
		};
		this.#opened = this.#open(lab).catch((error: unknown) => {
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

	async #open(lab: Omit<LabProcessOptions, 'signal'>): Promise<void> {
		const {signal} = this.#closed;
		try {
			this.#lab = await startLabProcess({...lab, signal});
		} catch (error) {
			// Left before the lab had started.
			if (signal.aborted) {
				return;
			}

			throw error;
		}

		const {inventory} = this.#lab;
		if (inventory.packages !== undefined) {
			await this.#shelf.fill(inventory.packages);
		}

		this.#session = await openCluster(inventory);
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

	#runsPort(): RunsPort {
		return {
			switchOverRefusal: () => this.#session && switchOverRefusal(this.#session),
			start: async (plan, packagePath): Promise<JournalReader> => {
				this.#run = await startRun(this.#connected(), plan, packagePath);
				this.#shelf.follow(this.#run.journal, packagePath);
				return this.#run.journal;
			},
			latest: () => this.#run?.journal,
			stop: async () => this.#run?.journal.request({kind: 'stop', operator: currentOperator()}),
		};
	}
}
