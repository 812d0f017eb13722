import type {RunId} from '../domain/run-event.ts';
import type {RunJournal} from '../journal/run-journal.ts';
import {askAgents} from '../orchestration/ask-agents.ts';
import type {Handover} from './answer-book.ts';
import {inventoryOf} from './cluster-history.ts';
import {openCluster} from './cluster-session.ts';
import {progressLine} from './progress-line.ts';
import type {SshAccess} from './ssh-access.ts';

/**
 * Logs in to the Agents of a run once, so that whoever sits here is asked what the runner cannot ask: the one before it
 * had the secrets in its memory only. An Agent that does not answer now is no reason not to go on.
 */
export async function answersForRunner(
	journal: RunJournal,
	run: RunId,
	access: SshAccess,
): Promise<Handover | undefined> {
	if (!access.asks) {
		return undefined;
	}

	const session = await openCluster(inventoryOf(journal, run), access);
	const {connections} = session;
	const tell = (answered: number) =>
		progressLine.show(`Logging in to the Agents: ${answered} of ${connections.size}`);
	try {
		tell(0);
		await askAgents({connections, clock: access.clock, onReply: tell});
	} finally {
		progressLine.show('');
		await session.close();
	}

	return access.handover;
}
