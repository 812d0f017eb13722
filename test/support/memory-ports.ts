import type {RunId} from '../../source/domain/run-event.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import type {
	ClusterView,
	DashboardPorts,
	Live,
	PackageListing,
	Question,
	RunSummary,
	WishedLook,
} from '../../source/ui/ports.ts';
import {aClusterView, testTime} from './a-cluster.ts';
import {type ARun, aBigPackage, aSummary, edith} from './a-run.ts';
import {aLook} from './a-look-view.ts';
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
	readonly question = new LiveValue<Question | undefined>(undefined);
	readonly looked = new LiveValue<WishedLook | undefined>(undefined);
	readonly listings = new LiveValue<readonly PackageListing[]>([]);
	/** What the next control of an Agent is answered with. */
	controlAnswer: Promise<void> = Promise.resolve();
	/** What a run that is to be started waits for. */
	startAnswer: Promise<void> = Promise.resolve();
	readonly summaries = new LiveValue<readonly RunSummary[]>([]);
	readonly journals = new Map<RunId, MemoryJournal>();
	initialRun: RunId | undefined;
	elsewhere: ReadonlySet<RunId> = new Set();

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

	readonly questions: DashboardPorts['questions'] = {
		current: this.question.current,
		subscribe: this.question.subscribe,
		answer: (id, answer) => {
			this.asked.push(`answer ${id}: ${answer}`);
			this.question.set(undefined);
		},
	};

	readonly readiness: DashboardPorts['readiness'] = {
		current: this.looked.current,
		subscribe: this.looked.subscribe,
		look: wish => {
			this.asked.push(`look at ${wish.agents.length} Agents`);
			this.looked.set(aLook(wish, this.view.current()));
		},
		rest: () => {
			this.asked.push('stop looking');
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
		current: this.summaries.current,
		subscribe: this.summaries.subscribe,
		switchOverRefusal: () => undefined,
		start: async (plan, _packagePath, {takeOverLocks, acknowledged}) => {
			const locks = takeOverLocks ? ', taking over locks' : '';
			this.asked.push(`start a run of ${plan.agents.length} Agents${locks}`);
			await this.startAnswer;
			const run = `r${this.journals.size + 1}`;
			await this.journalOf(run).append({type: 'run.started', run, plan, operator: edith, acknowledged});
			return run;
		},
		open: run => this.journalOf(run),
		initial: () => this.initialRun,
		elsewhere: () => this.elsewhere,
		stop: run => this.#note('stop', run),
		retry: run => this.#note('retry', run),
		end: run => this.#note('end', run),
	};

	/** The journal of a run; an empty one where it has none yet. */
	journalOf(run: RunId): MemoryJournal {
		const journal = this.journals.get(run) ?? new MemoryJournal(this.clock);
		this.journals.set(run, journal);
		return journal;
	}

	/** Puts a run with all its events into the journal. */
	async keep(run: ARun, changes: Partial<RunSummary> = {}): Promise<RunSummary> {
		const summary = aSummary(run, changes);
		await this.journalOf(summary.run).append(...run.events);
		this.summaries.set([summary, ...this.summaries.current()]);
		return summary;
	}

	#note(act: string, run: RunId): Promise<void> {
		this.asked.push(`${act} ${run}`);
		return Promise.resolve();
	}
}
