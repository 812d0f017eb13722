import type {AgentRun} from '../../domain/agent-run.ts';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {formatVersion} from '../../domain/version.ts';
import {standingOf} from './agent-row.ts';
import {who} from './operator-words.ts';
import {unreadRefusal} from './run-again.ts';
import {shownId, shownStanding} from './shown-run.ts';
import type {DashboardData, Dialog} from './update.ts';
import {names} from './wave-words.ts';

/** Why the run that is shown cannot be given up; undefined when it can. */
export function endRefusal(data: DashboardData): string | undefined {
	const unread = unreadRefusal(data);
	if (unread !== undefined) {
		return unread;
	}

	switch (shownStanding(data)) {
		case 'going on':
			return 'The run goes on. Stop it first (X), then it can be ended.';
		case 'over':
			return data.run?.endedBy
				? `${who(data.run.endedBy)} gave the run up already.`
				: 'The run is over already.';
		default:
			return undefined;
	}
}

/** Says what giving the run up means to each Agent, and asks. */
export function endDialog(data: DashboardData): Dialog {
	const {run} = data;
	const agents = run ? [...run.agents.values()] : [];
	const isMixed =
		run?.plan?.goal === 'upgrade' &&
		agents.some(({launchedAt}) => launchedAt !== undefined) &&
		agents.some(({outcome}) => outcome !== 'done');
	return {
		title: 'End the run?',
		tone: 'danger',
		lines: [
			'The run is given up: it cannot be tried once more. Its Agents stay as they are:',
			...(run ? standingLines(run) : []),
			'',
			...(isMixed ? ['The cluster may run two versions until its Agents are brought to one.'] : []),
			'Afterwards this or another package may be used.',
		],
		answers: [
			{key: 'n', label: 'Keep the run'},
			{key: 'y', label: 'End it', effects: [{do: 'end-run', run: shownId(data) ?? ''}]},
		],
	};
}

/** One line for all Agents that stand alike. */
function standingLines(run: RunState): readonly string[] {
	const groups = new Map<string, string[]>();
	for (const agent of run.agents.values()) {
		const how = howItStands(agent);
		groups.set(how, [...(groups.get(how) ?? []), agent.id]);
	}

	return [...groups].map(([how, agents]) => visibleText(`• ${names(agents)}: ${how}`));
}

function howItStands(agent: AgentRun): string {
	const {outcome, launchedAt, version, statusBefore, withdrawn} = agent;
	const before = statusBefore?.version && formatVersion(statusBefore.version);
	if (outcome === 'done') {
		return version ? `done, runs ${formatVersion(version)}` : 'done';
	}

	const notSettled = launchedAt === undefined ? 'not launched' : 'launched, may go on upgrading';
	const word = outcome === undefined ? notSettled : standingOf(agent, 0).word;
	return [
		word,
		...(before === undefined ? [] : [launchedAt === undefined ? `runs ${before}` : `ran ${before} before`]),
		...(withdrawn ? ['DataMiner was stopped on it'] : []),
	].join(', ');
}
