import type {RunRequest} from '../../source/domain/run-event.ts';
import type {UpgradePlan} from '../../source/domain/plan.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import type {ClusterView, DashboardPorts, Live, PackageListing} from '../../source/ui/ports.ts';
import {aClusterView, testTime} from './a-cluster.ts';
import {aBigPackage} from './a-run.ts';
import {ManualClock} from './manual-clock.ts';

class LiveValue<T> implements Live<T> {
	readonly #listeners = new Set<() => void>();
	#value: T;

	constructor(value: T) {
		this.#value = value;
	}

	get listening(): number {
		return this.#listeners.size;
	}

	readonly current = (): T => this.#value;

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	set(value: T): void {
		this.#value = value;
		for (const listener of this.#listeners) {
			listener();
		}
	}
}

/** A cluster in memory that does what it is asked, and writes down what that was. */
export class MemoryPorts implements DashboardPorts {
	readonly clock = new ManualClock(testTime);
	readonly asked: string[] = [];
	readonly view = new LiveValue<ClusterView | undefined>(aClusterView());
	readonly listings = new LiveValue<readonly PackageListing[]>([]);
	/** What the next control of an Agent is answered with. */
	controlAnswer: Promise<void> = Promise.resolve();
	/** The journal of the run that was started last. */
	journal: MemoryJournal | undefined;

	readonly cluster: DashboardPorts['cluster'] = {
		current: this.view.current,
		subscribe: this.view.subscribe,
		refresh: () => {
			this.asked.push('refresh');
		},
		control: (agent, act) => {
			this.asked.push(`${act} ${agent}`);
			return this.controlAnswer;
		},
	};

	readonly packages: DashboardPorts['packages'] = {
		current: this.listings.current,
		subscribe: this.listings.subscribe,
		inspect: () => Promise.resolve(aBigPackage()),
	};

	readonly files: DashboardPorts['files'] = {
		start: '/packages',
		list: path => Promise.resolve({path, entries: []}),
	};

	readonly runs: DashboardPorts['runs'] = {
		switchOverRefusal: () => undefined,
		start: async (plan: UpgradePlan) => {
			this.asked.push(`start a run of ${plan.agents.length} Agents`);
			this.journal = new MemoryJournal(this.clock);
			await this.journal.append({
				type: 'run.started',
				run: 'r1',
				plan,
				operator: {user: 'edith', host: 'jump-01'},
			});
			return this.journal;
		},
		latest: () => this.journal,
		stop: () => {
			this.asked.push('stop');
			const request: RunRequest = {kind: 'stop', operator: {user: 'edith', host: 'jump-01'}};
			return this.journal?.request(request) ?? Promise.resolve();
		},
	};
}
