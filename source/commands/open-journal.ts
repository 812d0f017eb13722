import {homedir} from 'node:os';
import {prepareStateFolder, stateFolder} from '../config/state-folder.ts';
import type {Failure} from '../domain/user-error.ts';
import {openRunJournal} from '../journal/sqlite-run-journal.ts';
import type {RunJournal} from '../journal/run-journal.ts';
import {describeFailure} from './describe-error.ts';
import {systemClock} from './system-clock.ts';

/** Where the runs of this user are kept, on this computer. */
export function ownStateFolder(): string {
	return stateFolder({environment: process.env, platform: process.platform, home: homedir()});
}

/** Opens the journal of all runs of this user. `notice` is told what happened to a journal that was damaged. */
export async function openJournal(notice: (failure: Failure) => void): Promise<RunJournal> {
	const folder = ownStateFolder();
	await prepareStateFolder(folder);
	return openRunJournal(folder, {clock: systemClock, onNotice: notice});
}

/** Tells people in lines, and programs in an object for each. */
export function tellOnStderr(json: boolean): (failure: Failure) => void {
	return ({code, message, nextSteps}) =>
		void process.stderr.write(
			json
				? `${JSON.stringify({code, message, nextSteps})}\n`
				: `dms-upgrade: ${describeFailure({code, message, nextSteps})}\n`,
		);
}
