import {appendFile} from 'node:fs/promises';
import type {AgentClock} from './agent-clock.ts';
import {versionHistoryLine} from './agent-files.ts';
import {agentPaths} from './agent-paths.ts';
import type {LabEvents} from './events.ts';
import type {Services} from './services.ts';
import {dataMinerServices, serviceStates} from './services.ts';
import type {SimulatedTime} from './simulated-time.ts';
import type {WindowsDrive} from './windows-drive.ts';

// How long a DataMiner of middling size takes, in seconds of real life.
const stopSeconds = 40;
const untilStampedSeconds = 60;
const startSeconds = 180;
/** Automatic (Delayed Start). Source: Starting_or_stopping_a_DMA_in_DataMiner_Cube.md */
const delayedStartSeconds = 60;
/** How often a DataMiner that flaps goes down again, and how long it runs in between. */
const flapCount = 3;
const flapRunsSeconds = 45;
/** How long a DataMiner that falls out runs before. */
const runsBeforeFallingOutSeconds = 10 * 60;

interface DataMinerHost {
	readonly name: string;
	readonly drive: WindowsDrive;
	readonly services: Services;
	readonly events: LabEvents;
	readonly time: SimulatedTime;
	readonly clock: AgentClock;
	/** True while something keeps DataMiner from coming up. */
	startHangs(): boolean;
	/** Asked at the first start on a new version: true when it restarts a few times before it stays up. */
	flaps(): boolean;
	/** Asked as well: true when it ends by itself after it has run for a while. */
	fallsOut(): boolean;
}

/** The DataMiner software on one simulated Agent: it starts, stops and writes its version down. */
export class DataMiner {
	/** Disabled services do not start at boot; an upgrade disables them while it replaces their files. */
	disabled = false;
	startsAtBoot = true;
	delayedStart = true;
	/** The version that the next start writes into VersionHistory.txt. */
	versionToStamp: string | undefined;
	#starting: AbortController | undefined;

	constructor(private readonly host: DataMinerHost) {}

	/**
	 * Tells the services to start. They come up on their own; `halt` and `stop` end that. False, and nothing happens,
	 * while they are disabled.
	 */
	start(): boolean {
		const {services} = this.host;
		if (this.disabled) {
			return false;
		}

		if (services.find('SLDataMiner')?.state === serviceStates.running || this.#starting) {
			return true;
		}

		const starting = new AbortController();
		this.#starting = starting;
		services.set(dataMinerServices, serviceStates.starting);
		void this.#comeUp(starting.signal)
			.finally(() => {
				if (this.#starting === starting) {
					this.#starting = undefined;
				}
			})
			.catch(ignoreEndOf(starting.signal, this.host.time.ended));
		return true;
	}

	/** Resolves when the services have stopped. */
	async stop(signal: AbortSignal): Promise<void> {
		const {services, time} = this.host;
		this.#giveUpStarting();
		if (services.find('SLDataMiner')?.state === serviceStates.stopped) {
			return;
		}

		services.set(dataMinerServices, serviceStates.stopping);
		await time.pass(stopSeconds, signal);
		services.set(dataMinerServices, serviceStates.stopped);
	}

	/** The power is gone, or the processes were killed. */
	halt(): void {
		this.#giveUpStarting();
		this.host.services.set(dataMinerServices, serviceStates.stopped);
	}

	async boot(signal?: AbortSignal): Promise<void> {
		if (this.disabled || !this.startsAtBoot) {
			return;
		}

		if (this.delayedStart) {
			await this.host.time.pass(delayedStartSeconds, signal);
		}

		this.start();
	}

	async #comeUp(signal: AbortSignal): Promise<void> {
		const {services, time} = this.host;
		await time.pass(untilStampedSeconds, signal);
		const firstOnItsVersion = await this.#stampVersion();
		do {
			await time.pass(startSeconds - untilStampedSeconds, signal);
		} while (this.host.startHangs());
		services.set(dataMinerServices, serviceStates.running);
		if (firstOnItsVersion && this.host.flaps()) {
			await this.#flap(signal);
		}

		if (firstOnItsVersion && this.host.fallsOut()) {
			await time.pass(runsBeforeFallingOutSeconds, signal);
			services.set(dataMinerServices, serviceStates.stopped);
		}
	}

	/** SLWatchDog restarts DataMiner again and again. Source: Restart_loop_when_Elasticsearch_unavailable.md */
	async #flap(signal: AbortSignal): Promise<void> {
		const {services, time} = this.host;
		for (let left = flapCount; left > 0; left -= 1) {
			await time.pass(flapRunsSeconds, signal);
			services.set(dataMinerServices, serviceStates.stopping);
			await time.pass(stopSeconds, signal);
			services.set(dataMinerServices, serviceStates.stopped);
			services.set(dataMinerServices, serviceStates.starting);
			await time.pass(startSeconds, signal);
			services.set(dataMinerServices, serviceStates.running);
		}
	}

	/** True at the first start after an upgrade. Source: Checking_the_upgrade_history_of_a_DataMiner_Agent.md */
	async #stampVersion(): Promise<boolean> {
		const version = this.versionToStamp;
		if (version === undefined) {
			return false;
		}

		this.versionToStamp = undefined;
		const file = await this.host.drive.resolve(agentPaths.versionHistory);
		await appendFile(file, versionHistoryLine(this.host.clock.now(), version));
		this.host.events.note(this.host.name, 'version-stamped', {version});
		return true;
	}

	#giveUpStarting(): void {
		this.#starting?.abort();
		this.#starting = undefined;
	}
}

/** What was stopped on purpose is no failure; anything else is a defect that must be seen. */
export function ignoreEndOf(...signals: readonly AbortSignal[]): (error: unknown) => void {
	return error => {
		if (!signals.some(signal => signal.aborted)) {
			throw error;
		}
	};
}
