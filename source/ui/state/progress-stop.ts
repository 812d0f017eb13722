import type {RunId} from '../../domain/run-event.ts';
import type {RunState} from '../../domain/run-state.ts';
import {who} from './operator-words.ts';
import {shownStanding} from './shown-run.ts';
import type {DashboardData, Dialog} from './update.ts';
import {names, plural} from './wave-words.ts';

/** Why there is nothing to stop; undefined when there is. */
export function stopRefusal(data: DashboardData): string | undefined {
	const {run} = data;
	if (data.starting !== undefined) {
		return 'The run is starting. Wait a moment.';
	}

	if (!run?.plan) {
		return 'No run is going on.';
	}

	switch (shownStanding(data)) {
		case 'interrupted':
			return 'Its runner is gone: nothing new is started. r goes on with it, e ends it.';
		case 'paused':
			return 'It is paused: nothing new is started. r tries it once more, e ends it.';
		case 'over':
			return 'The run is over already.';
		default:
			return run.stopRequestedBy
				? `${who(run.stopRequestedBy)} asked to stop already. Nothing new is started.`
				: undefined;
	}
}

/** What stopping means now, to whom, and whether to do it. */
export function stopDialog(run: RunState, id: RunId): Dialog {
	const agents = [...run.agents.values()];
	const goOn = agents.filter(({launchedAt, outcome}) => launchedAt !== undefined && outcome === undefined);
	const untouched = agents.filter(
		({launchedAt, outcome}) => launchedAt === undefined && outcome === undefined,
	);
	const over = agents.length - goOn.length - untouched.length;
	const launched = goOn.length > 0 || agents.some(({launchedAt}) => launchedAt !== undefined);
	const uploaded = agents.some(({uploadStartedAt}) => uploadStartedAt !== undefined);
	return {
		title: launched ? 'Start nothing new?' : 'Stop the run?',
		tone: launched ? 'danger' : 'warning',
		lines: launched
			? [
					...(goOn.length > 0
						? [`These go on, since their upgrade was launched: ${names(goOn.map(({id}) => id))}.`]
						: []),
					...(untouched.length > 0
						? [
								`These stay on their version: ${names(untouched.map(({id}) => id))}. The cluster then runs two versions.`,
							]
						: ['No other Agent is waiting to be started.']),
					...(over > 0 ? [`Over already: ${plural(over, 'Agent')}.`] : []),
					'',
					'The abort of DataMiner itself is not used: it can leave an Agent unable to start.',
				]
			: [
					'Nothing was launched yet: every Agent stays as it was and goes on running.',
					...(uploaded ? ['What was uploaded stays on the Agents and is used by the next run.'] : []),
				],
		answers: [
			{key: 'n', label: 'Go on with the run'},
			{key: 'y', label: launched ? 'Start nothing new' : 'Stop', effects: [{do: 'stop-run', run: id}]},
		],
	};
}
