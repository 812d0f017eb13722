import {canBeRetried, standingOf} from '../domain/run-standing.ts';
import {emptyRunState, foldRun} from '../domain/run-state.ts';
import type {JournalTables} from './journal-tables.ts';
import type {RunSummary} from './run-journal.ts';
import type {RunRow} from './runs-table.ts';

interface Known {
	readonly key: string;
	readonly goingOn: RunSummary;
	readonly left: RunSummary;
}

/** Folds runs as the list shows them, and remembers what it folded until it changes. */
export class RunSummaries {
	readonly #tables: JournalTables;
	readonly #known = new Map<number, Known>();

	constructor(tables: JournalTables) {
		this.#tables = tables;
	}

	/** Throws `JournalDamagedError` for a run that is not as it was written. */
	of(row: RunRow, hasRunner: boolean): RunSummary {
		const key = this.#tables.events.landmarkKey(row.id);
		let known = this.#known.get(row.id);
		if (known?.key !== key) {
			known = this.#fold(row, key);
			this.#known.set(row.id, known);
		}

		return hasRunner ? known.goingOn : known.left;
	}

	#fold(row: RunRow, key: string): Known {
		const {plan, operator, packagePath, packageSha256} = this.#tables.runs.setup(row);
		const state = foldRun(emptyRunState, this.#tables.events.landmarks(row.id));
		const summary = {
			run: row.run,
			cluster: plan.cluster,
			goal: plan.goal,
			package: plan.package,
			packagePath,
			packageSha256,
			agents: plan.agents,
			operator,
			startedAt: state.startedAt ?? row.createdAt,
			...(state.finishedAt !== undefined && {finishedAt: state.finishedAt}),
			...(state.outcome !== undefined && {outcome: state.outcome}),
			canRetry: canBeRetried(state),
		};
		return {
			key,
			goingOn: {...summary, standing: standingOf(state, true)},
			left: {...summary, standing: standingOf(state, false)},
		};
	}
}
