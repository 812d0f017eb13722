import {changesVersion} from '../../domain/package-facts.ts';
import type {AgentRun} from '../../domain/agent-run.ts';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import type {Failure} from '../../domain/user-error.ts';
import {formatVersion} from '../../domain/version.ts';
import {timeOfDay} from '../components/time.ts';
import {standingOf} from '../state/agent-row.ts';
import {durationText} from '../state/duration.ts';
import {runStanding} from '../state/run-words.ts';
import type {RunStanding} from '../ports.ts';
import type {Glyphs} from '../theme/glyphs.ts';
import {type FormLine, blankLine, paragraph} from './form-line.ts';
import {logRole} from './log-role.ts';

interface DetailInput {
	readonly run: RunState;
	readonly standing: RunStanding | undefined;
	readonly agent: AgentRun | undefined;
	readonly now: number;
	readonly width: number;
	/** Lines that there is room for. */
	readonly height: number;
	readonly glyphs: Glyphs;
}

/** Below the grid: how the run ended, and what there is to know of the Agent under the cursor. */
export function detailLines(input: DetailInput): readonly FormLine[] {
	const summary = input.run.outcome === undefined ? [] : summaryLines(input);
	const left = input.height - summary.length - (summary.length > 0 ? 1 : 0);
	if (!input.agent || left < 2) {
		return summary.slice(0, input.height);
	}

	return [
		...summary,
		...(summary.length > 0 ? [blankLine] : []),
		...agentLines(input.agent, {...input, height: left}),
	].slice(0, input.height);
}

function summaryLines({run, standing, width, glyphs}: DetailInput): readonly FormLine[] {
	const {mark, word, role} = runStanding(run, standing);
	const took = durationText(Math.max(0, (run.finishedAt ?? 0) - (run.startedAt ?? 0)));
	const words = [...run.agents.values()].map(agent => standingOf(agent, run.finishedAt ?? 0).word);
	const counts = ['done', 'failed', 'not ready', 'unknown', 'stopped']
		.map(outcome => ({outcome, count: words.filter(word => word === outcome).length}))
		.filter(({count}) => count > 0)
		.map(({outcome, count}) => `${count} ${outcome}`)
		.join(', ');
	return [
		{
			spans: [[role, ` ${glyphs[mark]} ${word}`], ` after ${took}: ${counts}.`],
		},
		...(run.failure ? paragraph(visibleText(run.failure.message), width, glyphs, {indent: 3}) : []),
		...nextStepsOf(run, standing).flatMap(step =>
			paragraph(visibleText(step), width, glyphs, {sign: glyphs.arrow, indent: 3}),
		),
	];
}

/** What to do after a run, where its failure does not say it. */
function nextStepsOf(
	{outcome, failure, plan, endedBy}: RunState,
	standing: DetailInput['standing'],
): readonly string[] {
	if (endedBy) {
		return [];
	}

	if (failure && failure.nextSteps.length > 0) {
		return failure.nextSteps;
	}

	if (standing === 'paused' && outcome === 'stopped') {
		return ['To go on with the Agents that were not started, try it once more (r).'];
	}

	switch (outcome) {
		case 'done':
			return plan?.goal === 'upload' ? afterUpload(plan.package.prerequisites) : afterUpgrade(plan);
		case 'failed':
			return ['Read what each failed Agent says: enter opens its log.'];
		case 'unknown':
			return [
				'Look at the unknown Agents themselves before anything else is done: they may still be upgrading.',
			];
		case 'blocked':
			return [
				'Do what is asked for each Agent that is not ready, then try again (r) or start anew on Schedule (s).',
			];
		case 'stopped':
		case 'unreachable':
			return ['When it suits, try again (r) or start anew on Schedule (s).'];
		default:
			return [];
	}
}

// A stored result of the port check counts for 10 days. Source: VerifyClusterPorts.dmupgrade.md
function afterUpload(prerequisites: readonly string[]): readonly string[] {
	return [
		'Nothing was restarted. The package is on every Agent: to go on, choose it on Schedule (s).',
		...(prerequisites.some(name => /verifyclusterports/i.test(name))
			? ['Its check of the ports counts for 10 days; after that, upload it again.']
			: []),
	];
}

function afterUpgrade(plan: RunState['plan']): readonly string[] {
	return plan?.package.version && changesVersion(plan.package.kind)
		? [`Every Agent of the plan runs ${formatVersion(plan.package.version)}.`]
		: ['The package was carried out on every Agent of the plan.'];
}

function agentLines(agent: AgentRun, input: DetailInput): readonly FormLine[] {
	const {now, width, glyphs, run, standing, height} = input;
	const {mark, word, role} = standingOf(agent, now, standing !== 'interrupted');
	const before = agent.statusBefore?.version;
	const {plan} = run;
	// Where it ended otherwise, the version of the package is not what the Agent came to.
	const target =
		plan && agent.outcome === undefined && changesVersion(plan.package.kind)
			? plan.package.version
			: undefined;
	const after = agent.version ?? target;
	const versions = [before, after].flatMap(version => (version ? [formatVersion(version)] : []));
	// A version that stands alone would be taken for the one that it runs.
	const lead = before === undefined && agent.version === undefined && target ? `${glyphs.arrow} ` : '';
	const head: FormLine = {
		spans: [
			['title', ` ${visibleText(agent.id)}`],
			[
				'muted',
				`  ${lead}${versions.join(` ${glyphs.arrow} `)}${agent.statusBefore?.role ? `  ${agent.statusBefore.role}` : ''}  `,
			],
			[role, `${glyphs[mark]} ${word}`],
		],
	};
	const trouble = troubleLines(agent, input);
	const told = [...contactLines(agent, input), ...trouble];
	// Where nothing needs to be done, the newest of its log says most.
	const room = height - 1 - told.length;
	const log = trouble.length > 0 || room <= 0 ? [] : agent.log.slice(-room);
	return [
		head,
		...told,
		...log.map(({at, type, message}): FormLine => ({
			spans: [
				['muted', `   ${timeOfDay(at)}  `],
				[logRole(type).message, visibleText(message, width)],
			],
		})),
	];
}

function contactLines(agent: AgentRun, {now, width, glyphs, standing}: DetailInput): readonly FormLine[] {
	if (standing === 'interrupted' && agent.launchedAt !== undefined && agent.outcome === undefined) {
		return paragraph(
			'Its upgrade was launched and may go on. Nobody follows it, so that what it does now is not known.',
			width,
			glyphs,
			{indent: 3, role: 'warning'},
		);
	}

	if (agent.contact.kind === 'held' || agent.outcome !== undefined) {
		return [];
	}

	const age = durationText(Math.max(0, now - agent.contact.since));
	return agent.contact.expected
		? paragraph(`No contact for ${age}. That is expected: the upgrade restarts it.`, width, glyphs, {
				indent: 3,
			})
		: paragraph(
				`No contact for ${age}, which is not expected now. How its upgrade goes is unknown until it answers.`,
				width,
				glyphs,
				{indent: 3, role: 'warning'},
			);
}

/** What failed on an Agent, why, and what to do. */
function troubleLines(agent: AgentRun, {width, glyphs}: DetailInput): readonly FormLine[] {
	const trouble = (text: string) =>
		paragraph(visibleText(text), width, glyphs, {sign: glyphs.failed, role: 'bad', indent: 3});
	const advice = (text: string) =>
		paragraph(visibleText(text), width, glyphs, {sign: glyphs.arrow, indent: 3});
	const failed = (failure: Failure) => [...trouble(failure.message), ...failure.nextSteps.flatMap(advice)];
	return [
		...(agent.failure ? failed(agent.failure) : []),
		...agent.checks
			.filter(({outcome}) => outcome === 'block')
			.flatMap(({title, evidence, remedy}) => [...trouble(`${title}: ${evidence}`), ...advice(remedy)]),
		...agent.prerequisites
			// The failure often is that of the prerequisite and says it already.
			.filter(({check, outcome}) => outcome !== 'passed' && agent.failure?.message.includes(check) !== true)
			.flatMap(({check, outcome, message}) => trouble(`${check} ${outcome}: ${message}`)),
	];
}
