import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import type {RunJournal, RunSummary} from '../journal/run-journal.ts';
import {UsageError} from './usage-error.ts';

/**
 * The run that the command line means: by its id or the beginning of it; without one the newest that is not over, else
 * the newest. Throws a `UsageError`.
 */
export function findRun(journal: RunJournal, text: string | undefined): RunSummary {
	const runs = journal.list();
	if (text === undefined) {
		const run = runs.find(({standing}) => standing !== 'over') ?? runs[0];
		if (!run) {
			throw new UsageError('There is no run yet.', ['dms-upgrade upgrade PACKAGE begins one.']);
		}

		return run;
	}

	// What a script has in a variable that was never set is no wish for whatever run there is.
	if (text === '') {
		throw new UsageError('RUN is empty.', [
			'Leave it out for the newest run that is not over.',
			'dms-upgrade runs lists them all.',
		]);
	}

	const exact = runs.find(({run}) => run === text);
	const fitting = exact ? [exact] : runs.filter(({run}) => run.startsWith(text));
	const [run] = fitting;
	if (!run || fitting.length > 1) {
		throw new UsageError(
			run
				? `${visibleText(text, 60)} is the beginning of ${fitting.length} runs: ${names(fitting.map(({run: id}) => id))}.`
				: `There is no run ${visibleText(text, 60)}.`,
			['dms-upgrade runs lists them.'],
		);
	}

	return run;
}

function names(runs: readonly RunId[]): string {
	return runs.length > 5 ? `${runs.slice(0, 5).join(', ')} …` : runs.join(', ');
}
