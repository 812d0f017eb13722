import type {RunId} from '../domain/run-event.ts';
import {emptyRunState, foldRun, type RunState} from '../domain/run-state.ts';
import {type JournalReader, mostEventsAtOnce} from '../journal/journal.ts';
import {PastRun} from './past-run.ts';
import type {DashboardPorts} from './ports.ts';
import type {RunViewer} from './run-effect.ts';
import type {DashboardData, RunMoment} from './state/update.ts';

/** At most one change reaches the screen in this time, in milliseconds, however many the outside has. */
const batchInterval = 100;

/**
 * Gathers what the ports supply into one value, at most ten times a second: the first change is told at once, those
 * that follow within the interval together at its end. Of the run that is shown, a slice is read each time.
 */
export class LiveData implements RunViewer {
	readonly #ports: DashboardPorts;
	readonly #tell: (data: DashboardData) => void;
	readonly #fail: (error: unknown) => void;
	readonly #stopping = new AbortController();
	readonly #subscriptions: (() => void)[] = [];
	#shown: RunId | undefined;
	#reader: JournalReader | undefined;
	#unsubscribeReader: (() => void) | undefined;
	#run: RunState = emptyRunState;
	#past: PastRun | undefined;
	#moment: RunMoment | undefined;
	#behind = false;
	#changed = false;
	#resting = false;

	constructor(ports: DashboardPorts, tell: (data: DashboardData) => void, fail: (error: unknown) => void) {
		this.#ports = ports;
		this.#tell = tell;
		this.#fail = fail;
	}

	start(): void {
		const {cluster, questions, readiness, packages, runs} = this.#ports;
		const changed = () => this.#noteChange();
		this.#subscriptions.push(
			cluster.subscribe(changed),
			questions.subscribe(changed),
			readiness.subscribe(changed),
			packages.subscribe(changed),
			runs.subscribe(changed),
		);
		this.#followReader();
		this.#noteChange();
	}

	stop(): void {
		this.#stopping.abort();
		for (const unsubscribe of this.#subscriptions) {
			unsubscribe();
		}

		this.#unsubscribeReader?.();
	}

	/** Shows this run from now on, and tells at once what is known of it. Throws where it cannot be read. */
	show(run: RunId): void {
		if (this.#isStopped || run === this.#shown) {
			return;
		}

		this.#open(run);
		this.#followReader();
		this.#tell(this.current());
		if (this.#behind) {
			this.#noteChange();
		}
	}

	/** Shows this run as it stood just after one of its events, or as it is now. Throws where it cannot be read. */
	lookAt(run: RunId, sequence: number | undefined): void {
		if (this.#isStopped || run !== this.#shown) {
			return;
		}

		this.#moment = sequence === undefined ? undefined : this.#past?.at(sequence);
		this.#tell(this.current());
	}

	/** What is known now. Of a long run, what is known of it once one more slice was read. */
	current(): DashboardData {
		const {cluster: clusterPort, questions, readiness, packages, runs: runsPort} = this.#ports;
		const cluster = clusterPort.current();
		const question = questions.current();
		const look = readiness.current();
		const refusal = runsPort.switchOverRefusal();
		this.#showInitial();
		const runs = runsPort.current();
		const standing = runs.find(({run}) => run === this.#shown)?.standing;
		if (this.#reader) {
			const events = this.#reader.read(this.#run.sequence);
			this.#run = foldRun(this.#run, events);
			this.#behind = events.length >= mostEventsAtOnce;
		}

		return {
			packages: packages.current(),
			runs,
			elsewhere: runsPort.elsewhere(),
			...(cluster && {cluster}),
			...(question && {question}),
			...(look && {look}),
			...(this.#shown !== undefined && {shown: this.#shown}),
			...(this.#run.sequence > 0 && {run: this.#run}),
			...(this.#moment && {past: this.#moment}),
			...(standing && {standing}),
			...(this.#behind && {behind: true}),
			...(refusal && {switchOverRefusal: refusal}),
		};
	}

	get #isStopped(): boolean {
		return this.#stopping.signal.aborted;
	}

	/** While nothing is shown, a run may turn up that is worth it: the cluster becomes known, or somebody starts one. */
	#showInitial(): void {
		const initial = this.#shown === undefined ? this.#ports.runs.initial() : undefined;
		if (initial !== undefined) {
			this.#open(initial);
			if (this.#subscriptions.length > 0) {
				this.#followReader();
			}
		}
	}

	#open(run: RunId): void {
		const reader = this.#ports.runs.open(run);
		this.#unsubscribeReader?.();
		this.#unsubscribeReader = undefined;
		this.#reader = reader;
		this.#past = new PastRun(reader);
		this.#moment = undefined;
		this.#shown = run;
		this.#run = emptyRunState;
		this.#behind = false;
	}

	#followReader(): void {
		this.#unsubscribeReader ??= this.#reader?.subscribe(() => this.#noteChange());
	}

	#noteChange(): void {
		this.#changed = true;
		if (!this.#resting && !this.#isStopped) {
			this.#tellAndRest().catch(this.#fail);
		}
	}

	async #tellAndRest(): Promise<void> {
		const {signal} = this.#stopping;
		this.#resting = true;
		while ((this.#changed || this.#behind) && !this.#isStopped) {
			this.#changed = false;
			this.#tell(this.current());
			try {
				// Between two slices there is time for keys and a frame, and no more.
				await this.#ports.clock.sleep(this.#behind ? 0 : batchInterval, signal);
			} catch (error) {
				if (!signal.aborted) {
					throw error;
				}
			}
		}

		this.#resting = false;
	}
}
