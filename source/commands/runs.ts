import {visibleText} from '../domain/text.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {formatVersion} from '../domain/version.ts';
import type {RunSummary} from '../journal/run-journal.ts';
import {openJournal, tellOnStderr} from './open-journal.ts';
import {textTable} from './text-table.ts';

/**
 * `runs`: the history, newest first; with `--json` one object a line. Where the journal is damaged, what can be read of it
 * is not all of the history, and the exit code says so.
 */
export async function runsCommand({
	json,
	write,
}: {
	readonly json: boolean;
	readonly write: (text: string) => void;
}): Promise<ExitCode> {
	const tell = tellOnStderr(json);
	const notices = new Set<string>();
	const journal = await openJournal(notice => {
		notices.add(notice.code);
		tell(notice);
	});
	try {
		const runs = journal.list();
		const isWhole = !notices.has('JOURNAL_DAMAGED');
		if (json) {
			write(runs.map(run => `${JSON.stringify(run)}\n`).join(''));
		} else if (runs.length > 0) {
			write(table(runs));
		} else if (isWhole) {
			write('No runs yet.\n');
		}

		return isWhole ? exitCodes.done : exitCodes.wrongUse;
	} finally {
		journal.close();
	}
}

function table(runs: readonly RunSummary[]): string {
	const rows = [
		['RUN', 'STARTED', 'CLUSTER', 'WHAT', 'BY', 'OUTCOME', 'TOOK'],
		...runs.map(run => [
			run.run,
			new Date(run.startedAt).toLocaleString('sv-SE').slice(0, 16),
			visibleText(run.cluster, 24),
			`${run.goal} to ${run.package.version ? formatVersion(run.package.version) : visibleText(run.package.file, 30)}`,
			visibleText(`${run.operator.user}@${run.operator.host}`, 30),
			run.standing === 'over' || run.standing === 'paused'
				? `${run.outcome ?? 'unknown'}${run.standing === 'paused' ? ', open' : ''}`
				: run.standing,
			run.finishedAt === undefined ? '' : duration(run.finishedAt - run.startedAt),
		]),
	];
	return textTable(rows)
		.map(line => `${line}\n`)
		.join('');
}

function duration(milliseconds: number): string {
	const seconds = Math.floor(milliseconds / 1000);
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
	const two = (value: number) => String(value).padStart(2, '0');
	return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds % 60)}`;
}
