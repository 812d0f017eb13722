import {emptyRunState, foldRun, type RunState} from '../domain/run-state.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {DashboardPorts} from './ports.ts';
import type {DashboardData} from './state/update.ts';

/** At most one change reaches the screen in this time, in milliseconds, however many the outside has. */
const batchInterval = 100;

/**
 * Gathers what the ports supply into one value, at most ten times a second: the first change is told at once, those
 * that follow within the interval together at its end.
 */
export class LiveData {
	readonly #ports: DashboardPorts;
	readonly #tell: (data: DashboardData) => void;
	readonly #fail: (error: unknown) => void;
	readonly #stopping = new AbortController();
	readonly #subscriptions: (() => void)[] = [];
	#reader: JournalReader | undefined;
	#unsubscribeReader: (() => void) | undefined;
	#run: RunState = emptyRunState;
	#changed = false;
	#resting = false;

	constructor(ports: DashboardPorts, tell: (data: DashboardData) => void, fail: (error: unknown) => void) {
		this.#ports = ports;
		this.#tell = tell;
		this.#fail = fail;
	}

	start(): void {
		const changed = () => this.#noteChange();
		this.#subscriptions.push(this.#ports.cluster.subscribe(changed), this.#ports.packages.subscribe(changed));
		this.followLatestRun();
		this.#noteChange();
	}

	stop(): void {
		this.#stopping.abort();
		for (const unsubscribe of this.#subscriptions) {
			unsubscribe();
		}

		this.#unsubscribeReader?.();
	}

	/** Looks whether another run began; the ports do not tell. */
	followLatestRun(): void {
		const latest = this.#ports.runs.latest();
		if (latest === this.#reader || this.#stopping.signal.aborted) {
			return;
		}

		this.#unsubscribeReader?.();
		this.#reader = latest;
		this.#run = emptyRunState;
		this.#unsubscribeReader = latest?.subscribe(() => this.#noteChange());
		this.#noteChange();
	}

	/** What is known now. */
	current(): DashboardData {
		const cluster = this.#ports.cluster.current();
		if (this.#reader) {
			this.#run = foldRun(this.#run, this.#reader.read(this.#run.sequence));
		}

		const refusal = this.#ports.runs.switchOverRefusal();
		return {
			packages: this.#ports.packages.current(),
			...(cluster && {cluster}),
			...(this.#run.sequence > 0 && {run: this.#run}),
			...(refusal && {switchOverRefusal: refusal}),
		};
	}

	get #isStopped(): boolean {
		return this.#stopping.signal.aborted;
	}

	#noteChange(): void {
		this.#changed = true;
		if (!this.#resting) {
			this.#tellAndRest().catch(this.#fail);
		}
	}

	async #tellAndRest(): Promise<void> {
		const {signal} = this.#stopping;
		this.#resting = true;
		while (this.#changed && !this.#isStopped) {
			this.#changed = false;
			this.#tell(this.current());
			try {
				await this.#ports.clock.sleep(batchInterval, signal);
			} catch (error) {
				if (!signal.aborted) {
					throw error;
				}
			}
		}

		this.#resting = false;
	}
}
