import {existsSync, renameSync, rmSync} from 'node:fs';
import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import type {Failure} from '../domain/user-error.ts';
import {type JournalDamagedError, JournalStuckError} from './journal-errors.ts';
import {type JournalFiles, companions, renameDurably, isEmpty} from './journal-files.ts';
import {type Salvage, salvage} from './salvage.ts';

/**
 * Moves a damaged journal aside and puts what is whole of it in its place; whoever dies in the middle of it leaves
 * enough for the next one to finish. Returns what the user should know. Throws a `JournalError`.
 */
export function replaceDamaged(files: JournalFiles, damage: JournalDamagedError, now: number): Failure {
	// SQLite cannot open an empty file without deleting the log beside it.
	const from = isEmpty(files.journal) ? undefined : files.journal;
	const saved = salvage(from, files.saving);
	renameDurably(files.saving, files.saved);
	return movedAside(damage.message, moveAside(files, now), saved, damage.newestLost);
}

/** Undefined when there is nothing to finish. */
export function finishReplacing(files: JournalFiles, now: number): Failure | undefined {
	if (!existsSync(files.saved)) {
		return undefined;
	}

	return movedAside(`The journal ${visibleText(files.journal)} was damaged.`, moveAside(files, now));
}

/** The log goes first: it must never be found beside another journal than its own. */
function moveAside(files: JournalFiles, now: number): string {
	const aside = freeName(
		`${files.journal}.damaged-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`,
	);
	const moved: string[] = [];
	try {
		for (const ending of [...companions, '']) {
			if (existsSync(files.journal + ending)) {
				renameSync(files.journal + ending, aside + ending);
				moved.push(ending);
			}
		}
	} catch (error) {
		// It stays in use, so that what was saved of it will soon be out of date.
		rmSync(files.saved);
		for (const ending of moved) {
			renameSync(aside + ending, files.journal + ending);
		}

		const reason = error instanceof Error ? error.message : String(error);
		throw new JournalStuckError(files.journal, reason, {cause: error});
	}

	rmSync(files.suspicion, {force: true});
	renameDurably(files.saved, files.journal);
	return aside;
}

function freeName(wanted: string): string {
	for (let number = 1; ; number++) {
		const name = number === 1 ? wanted : `${wanted}-${number}`;
		if (['', ...companions].every(ending => !existsSync(name + ending))) {
			return name;
		}
	}
}

function movedAside(damage: string, aside: string, salvage?: Salvage, newestLost = false): Failure {
	const saved = salvage ? `${count(salvage.saved)} of it saved` : 'what was whole of it saved';
	const lost = salvage?.lost ?? [];
	const cut = salvage?.cut ?? [];
	const names = (runs: readonly RunId[]) => visibleText(runs.join(', '), 500);
	return {
		code: 'JOURNAL_MOVED_ASIDE',
		message: `${damage} It was moved aside, and ${saved}.${lost.length > 0 ? ` Not whole any more: ${names(lost)}.` : ''}${cut.length > 0 ? ` Without their last events: ${names(cut)}.` : ''}`,
		nextSteps: [
			...(lost.length > 0 ? ['See what the Agents of these runs do before you upgrade them again.'] : []),
			...(cut.length > 0 || newestLost
				? ['See what the Agents of a run that was going on do before you go on with it.']
				: []),
			`Keep ${visibleText(aside)} until nobody needs it any more.`,
			'Check the disk that it is on.',
		],
	};
}

function count(runs: number): string {
	return runs === 1 ? '1 run' : `${runs} runs`;
}
