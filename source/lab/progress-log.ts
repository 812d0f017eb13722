import {appendFile, rename, truncate} from 'node:fs/promises';
import type {AgentClock} from './agent-clock.ts';
import {logTime} from './simulated-time.ts';

/** The types of progress.log's lines. Source: General_Feature_Release_10.2.4.md (RN 32772) */
export type ProgressType = 'information' | 'progress' | 'step' | 'notice' | 'error' | 'success' | 'finished';

/** The log of one upgrade on one Agent; with a relay, the Agent that leads a cluster's upgrade gets its lines too. */
export class ProgressLog {
	constructor(
		private readonly file: string,
		private readonly address: string,
		private readonly clock: AgentClock,
		private readonly relay?: ProgressLog,
	) {}

	async write(type: ProgressType, message: string, address = this.address): Promise<void> {
		await appendFile(this.file, `${address}|${logTime(this.clock.now())}|${type}|${message}\r\n`);
		// The leading Agent's log is over only when its own upgrade is.
		if (this.relay && type !== 'success' && type !== 'finished') {
			await this.relay.write(type, message, address);
		}
	}

	/** Somebody empties it. */
	async empty(): Promise<void> {
		await truncate(this.file);
	}

	/** Somebody puts it aside; the next line begins a new one. */
	async rotate(): Promise<void> {
		await rename(this.file, `${this.file}.1`);
	}
}
