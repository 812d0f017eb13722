import type {AgentRun} from '../../domain/agent-run.ts';
import {type RunState, warningsLeftIn} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {standingOf} from './agent-row.ts';
import {who} from './operator-words.ts';
import {acknowledgeDialog} from './readiness-dialogs.ts';
import {canTryAgain, shownId, shownStanding, shownSummary} from './shown-run.ts';
import {isLockStale, takeOverDialog} from './take-over.ts';
import type {DashboardData, Dialog} from './update.ts';
import {names} from './wave-words.ts';

/** Why the run that is shown cannot be gone on with or tried once more; undefined when it can. */
export function retryRefusal(data: DashboardData): string | undefined {
	const unread = unreadRefusal(data);
	if (unread !== undefined) {
		return unread;
	}

	const {run} = data;
	if (canTryAgain(data)) {
		return undefined;
	}

	if (shownStanding(data) === 'going on') {
		return 'The run goes on: there is nothing to try once more.';
	}

	if (run?.endedBy) {
		return `${who(run.endedBy)} gave the run up. Start another one on Schedule (2).`;
	}

	return run?.outcome === 'done'
		? 'The run is done: there is nothing to try once more.'
		: 'The run is over and cannot be tried once more. Start another one on Schedule (2).';
}

/** Why nothing can be asked about the run that is shown yet. */
export function unreadRefusal({run, behind, starting}: DashboardData): string | undefined {
	if (starting !== undefined) {
		return 'The run is starting. Wait a moment.';
	}

	if (!run?.plan) {
		return 'No run is open.';
	}

	return behind ? 'The run is still being read. Wait a moment.' : undefined;
}

/** Asks whether to go on with the run that is shown, or to try it once more, and says what that means to whom. */
export function retryDialog(data: DashboardData): Dialog {
	const {run} = data;
	const isInterrupted = shownStanding(data) === 'interrupted';
	const lines = run ? agentLines(run, isInterrupted) : [];
	const id = shownId(data) ?? '';
	const safe = {key: 'n', label: 'Not now'};
	const effects = [{do: 'retry-run', run: id}] as const;
	if (isInterrupted) {
		return {
			title: `Go on with the ${run?.plan?.goal ?? 'upgrade'}?`,
			tone: 'warning',
			lines: [
				'Its runner is gone: since then nobody follows it and nothing new is started.',
				'',
				...lines,
				'',
				'Each Agent is asked first what is true now. Nothing is done twice.',
			],
			answers: [safe, {key: 'y', label: 'Go on with it', effects}],
		};
	}

	const packagePath = shownSummary(data)?.packagePath;
	if (run?.plan && packagePath !== undefined && isLockStale(data)) {
		return takeOverDialog(run.failure, {
			plan: run.plan,
			packagePath,
			takeOverLocks: true,
			acknowledged: run.acknowledged,
		});
	}

	const warnings = run?.outcome === 'blocked' ? warningsLeftIn(run) : [];
	if (run && warnings.length > 0) {
		return acknowledgeDialog(warnings, run.agents.size, acknowledged => ({
			effects: [{do: 'retry-run', run: id, acknowledged}],
		}));
	}

	return {
		title: `Try the ${run?.plan?.goal ?? 'upgrade'} once more?`,
		tone: run?.plan?.goal === 'upload' ? 'warning' : 'danger',
		lines: [
			...lines,
			'',
			'Each Agent is asked first what is true now. Nothing is done twice: what is there already is used, and an upgrade that ended well meanwhile counts.',
			`The package stays the same: ${visibleText(run?.plan?.package.file ?? '')}`,
		],
		answers: [safe, {key: 'y', label: 'Try once more', effects}],
	};
}

/** `goesOn`: with the attempt that was under way, in which what is over for an Agent stays as it is. */
function agentLines(run: RunState, goesOn: boolean): readonly string[] {
	const agents = [...run.agents.values()];
	const done = agents.filter(({outcome}) => outcome === 'done');
	const launched = agents.filter(
		({outcome, launchedAt}) => outcome === undefined && launchedAt !== undefined,
	);
	const waiting = agents.filter(({outcome, launchedAt}) => outcome === undefined && launchedAt === undefined);
	const again = agents.filter(({outcome}) => outcome !== undefined && outcome !== 'done');
	const sentence = (
		text: string,
		some: readonly AgentRun[],
		said: (agent: AgentRun) => string = ({id}) => id,
	) => (some.length === 0 ? [] : [visibleText(`${text}: ${names(some.map(said))}.`)]);
	const withOutcome = (agent: AgentRun) => `${agent.id} (${standingOf(agent, 0).word})`;
	return [
		...sentence(goesOn ? 'Over for now, and not tried again yet' : 'Tried once more', again, withOutcome),
		...sentence('Launched already, and followed from where their logs were left', launched),
		...sentence(
			run.stopRequestedBy ? 'Not launched any more, since a stop was asked for' : 'Not launched yet',
			waiting,
		),
		...sentence('Done, and left alone', done),
	];
}
