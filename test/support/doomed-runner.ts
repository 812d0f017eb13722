import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {openCluster} from '../../source/commands/cluster-session.ts';
import {prepareRunPackage} from '../../source/commands/run-package.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {parseInventory} from '../../source/config/inventory-file.ts';
import type {JournalWriter} from '../../source/journal/journal.ts';
import type {RunSetup, RunnerSeat} from '../../source/journal/run-journal.ts';
import {openRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {carryOut} from '../../source/orchestration/carry-out.ts';

/** Takes the seat of a run and carries it out, or goes on with it. `journalOf` may stand between it and its journal. */
export async function carryOutRun(
	folder: string,
	run: string,
	journalOf: (seat: RunnerSeat) => JournalWriter = seat => seat,
): Promise<void> {
	const journal = openRunJournal(folder, {
		clock: systemClock,
		onNotice: notice => console.error(notice.message),
	});
	const seat = journal.takeSeat(run, {token: randomUUID(), pid: process.pid, host: hostname()});
	const setup: RunSetup = journal.setup(run);
	const session = await openCluster(parseInventory(setup.inventory, 'of the test'));
	const prepared = await prepareRunPackage(setup.packagePath);
	try {
		await carryOut({
			run,
			plan: setup.plan,
			cluster: session.cluster,
			history: seat.history,
			openPackage: () => Promise.resolve(prepared),
			connections: session.connections,
			operator: setup.operator,
			journal: journalOf(seat),
			clock: systemClock,
			limits: session.limits,
			lockToken: randomUUID(),
			takeOverLocks: false,
			acknowledged: setup.acknowledged,
		});
	} finally {
		await prepared.dispose();
		await session.close();
		seat.leave();
		journal.close();
	}
}

/** A journal that kills its process, as a power cut would, when so many events are kept. */
export function deadlyAfter(position: number): (seat: RunnerSeat) => JournalWriter {
	return seat => ({
		async append(...facts) {
			const events = await seat.append(...facts);
			if ((events.at(-1)?.sequence ?? 0) >= position) {
				process.kill(process.pid, 'SIGKILL');
			}

			return events;
		},
		onRequest: listener => seat.onRequest(listener),
	});
}

const [folder, run, position] = process.argv.slice(2);
if (import.meta.filename === process.argv[1] && folder !== undefined && run !== undefined) {
	await carryOutRun(folder, run, deadlyAfter(Number(position)));
}
