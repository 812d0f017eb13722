import type {Faults} from './faults.ts';

/** As much as between two time zones that are often mixed up, UTC and the west of North America. */
const wrongBy = 7 * 60 * 60 * 1000;

/** The clock of one simulated Agent: every time that its logs, files and programs tell comes from it. */
export class AgentClock {
	constructor(
		private readonly agent: string,
		private readonly faults: Faults,
		/** How far somebody set it ahead, in seconds. */
		private readonly setAhead = 0,
	) {}

	/** How far it is ahead of the real time, in milliseconds. */
	get aheadMs(): number {
		if (this.faults.active('clock-is-fast', this.agent)) {
			return wrongBy;
		}

		return this.faults.active('clock-is-slow', this.agent) ? -wrongBy : this.setAhead * 1000;
	}

	now(): Date {
		return new Date(Date.now() + this.aheadMs);
	}
}
