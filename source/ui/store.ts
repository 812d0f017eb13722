import {LiveData} from './live-data.ts';
import type {DashboardPorts} from './ports.ts';
import {type Host, runEffect} from './run-effect.ts';
import {type DashboardState, type Message, initialDashboard} from './state/dashboard.ts';
import type {Effect, ScreenSize} from './state/update.ts';
import {updateDashboard} from './state/update-dashboard.ts';

const tickInterval = 1000;

/** Holds the dashboard's state outside React, carries out effects and hears the ports. */
export class Store {
	readonly #ports: DashboardPorts;
	readonly #listeners = new Set<() => void>();
	readonly #data: LiveData;
	readonly #stopping = new AbortController();
	#state: DashboardState;
	#host: Host | undefined;
	#fail: (error: unknown) => void = () => undefined;

	constructor(ports: DashboardPorts, size: ScreenSize) {
		this.#ports = ports;
		this.#data = new LiveData(
			ports,
			data => this.dispatch({type: 'data', data, now: ports.clock.now()}),
			error => this.#fail(error),
		);
		this.#state = initialDashboard(size, ports.clock.now(), this.#data.current());
	}

	/** Begins to hear the ports and the clock. `fail` gets what nobody foresaw. */
	start(host: Host, fail: (error: unknown) => void): void {
		this.#host = host;
		this.#fail = fail;
		this.#data.start();
		this.#tick().catch(fail);
	}

	/** Ends everything that could still call back. */
	stop(): void {
		this.#stopping.abort();
		this.#data.stop();
		this.#listeners.clear();
	}

	readonly current = (): DashboardState => this.#state;

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	readonly dispatch = (message: Message): void => {
		if (this.#isStopped) {
			return;
		}

		const {state, effects} = updateDashboard(this.#state, message);
		if (state !== this.#state) {
			this.#state = state;
			for (const listener of this.#listeners) {
				listener();
			}
		}

		for (const effect of effects) {
			this.#run(effect).catch(this.#fail);
		}
	};

	get #isStopped(): boolean {
		return this.#stopping.signal.aborted;
	}

	async #run(effect: Effect): Promise<void> {
		if (!this.#host) {
			return;
		}

		const answer = await runEffect(effect, this.#ports, this.#host, this.#data);
		if (answer) {
			this.dispatch({type: 'answer', answer});
		}
	}

	async #tick(): Promise<void> {
		const {signal} = this.#stopping;
		const {clock} = this.#ports;
		while (!this.#isStopped) {
			try {
				await clock.sleep(tickInterval, signal);
			} catch (error) {
				if (!signal.aborted) {
					throw error;
				}

				return;
			}

			this.dispatch({type: 'tick', now: clock.now()});
		}
	}
}
