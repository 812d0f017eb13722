import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

export class UnknownRunError extends UserError {
	readonly code = 'UNKNOWN_RUN';
	readonly nextSteps = ['See "dms-upgrade runs" for the runs that there are.'];
	readonly run: RunId;

	constructor(run: RunId) {
		super(`There is no run "${visibleText(run, 100)}".`);
		this.run = run;
	}
}

/** A run is created once. */
export class RunExistsError extends UserError {
	readonly code = 'RUN_EXISTS';
	readonly nextSteps = ['Start it again: it gets another name.'];
	readonly run: RunId;

	constructor(run: RunId) {
		super(`There is a run "${visibleText(run, 100)}" already.`);
		this.run = run;
	}
}

/** The runner that has the seat of a run, as far as it tells others. */
export interface SeatHolder {
	readonly pid: number;
	readonly host: string;
	/** When it took the seat, and when it was last heard of; milliseconds since 1970-01-01 UTC, by its clock. */
	readonly since: number;
	readonly renewedAt: number;
}

/** Another runner carries the run out. Nothing was changed. */
export class RunHasRunnerError extends UserError {
	readonly code = 'RUN_HAS_RUNNER';
	readonly nextSteps: readonly string[];
	readonly run: RunId;
	readonly holder: SeatHolder;

	constructor(run: RunId, holder: SeatHolder) {
		super(
			`Run ${visibleText(run, 100)} is carried out by process ${holder.pid} on ${visibleText(holder.host, 100)} since ${new Date(holder.since).toISOString()}.`,
		);
		this.run = run;
		this.holder = holder;
		this.nextSteps = [`Follow it with "dms-upgrade attach ${visibleText(run, 100)}".`];
	}
}

/** Another runner took the run over, or this one gave it up. What it was to append was not written. */
export class LeaseLostError extends UserError {
	readonly code = 'LEASE_LOST';
	readonly nextSteps: readonly string[];
	readonly run: RunId;

	constructor(run: RunId) {
		super(`Run ${visibleText(run, 100)} is not carried out by this process any more.`);
		this.run = run;
		this.nextSteps = [`See who does with "dms-upgrade attach ${visibleText(run, 100)}".`];
	}
}
