import type {RunState} from '../../domain/run-state.ts';
import {nameAgents} from './members.ts';
import {isGoingOn} from './run-words.ts';
import type {Dialog} from './update.ts';

/** What leaving means for the run that goes on, one sentence each; empty where nothing goes on. */
export function leavingMeans(run: RunState | undefined): readonly string[] {
	if (!run || !isGoingOn(run)) {
		return [];
	}

	const open = [...run.agents.values()].filter(agent => agent.outcome === undefined);
	const launched = open.filter(agent => agent.launchedAt !== undefined).map(({id}) => id);
	const untouched = open.filter(agent => agent.launchedAt === undefined).map(({id}) => id);
	return [
		'The run lives in this program and ends with it.',
		launched.length > 0
			? `The upgrade goes on, unwatched and unverified, on ${nameAgents(launched)}.`
			: 'No upgrade was launched yet: uploads and checks are broken off.',
		...(untouched.length > 0 ? [`Nothing new is started on ${nameAgents(untouched)}.`] : []),
	];
}

export function leaveDialog(run: RunState): Dialog {
	return {
		title:
			run.plan?.goal === 'upload' ? 'Leave while the upload goes on?' : 'Leave while the upgrade goes on?',
		lines: leavingMeans(run),
		tone: 'danger',
		answers: [
			{key: 'n', label: 'Stay'},
			{key: 'y', label: 'Leave', effects: [{do: 'leave'}]},
		],
	};
}
