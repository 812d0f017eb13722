import type {AgentId} from './agent.ts';
import {type Acknowledgement, type ReadinessCheck, formatBytes} from './readiness.ts';
import type {Operator, RunEvent} from './run-event.ts';
import {visibleText} from './text.ts';
import {formatVersion} from './version.ts';

/** A line as the Progress screen shows it: TIME, TYPE, MESSAGE. */
export interface LogEntry {
	readonly sequence: number;
	/** Milliseconds since 1970-01-01 UTC, by our clock. */
	readonly at: number;
	/** `Information`, `Progress`, `Notice`, `Error`, `Success`, or whatever an Agent's log says. */
	readonly type: string;
	readonly message: string;
}

/** The Agent that an event is about; undefined for those about the run. */
export function agentOf(event: RunEvent): AgentId | undefined {
	return 'agent' in event ? event.agent : undefined;
}

/** What the log says of an event; undefined where it says nothing. */
export function logEntryOf(event: RunEvent): LogEntry | undefined {
	const words = wordsFor(event);
	return words && {sequence: event.sequence, at: event.at, type: words[0], message: words[1]};
}

function wordsFor(event: RunEvent): readonly [type: string, message: string] | undefined {
	switch (event.type) {
		case 'run.started': {
			const {plan, operator} = event;
			const act = plan.goal === 'upload' ? 'Upload' : 'Upgrade';
			return [
				'Information',
				`${act} of ${plan.agents.length} Agents with ${plan.package.file}, by ${by(operator)}.${acknowledging(event)}`,
			];
		}

		case 'run.resumed':
			return [
				'Notice',
				`The runner had ended; another one, of ${by(event.operator)}, goes on.${acknowledging(event)}`,
			];
		case 'run.retried':
			return [
				'Notice',
				`${by(event.operator)} tries it once more on ${event.agents.join(', ')}.${acknowledging(event)}`,
			];
		case 'run.ended':
			return ['Notice', `${by(event.operator)} gave it up. The Agents stay as they are.`];
		case 'agent.locked': {
			const {takenOverFrom} = event;
			return takenOverFrom
				? [
						'Notice',
						`Its lock was taken over from ${by(takenOverFrom.operator)} (run ${takenOverFrom.run}), who had not renewed it.`,
					]
				: undefined;
		}

		case 'lock.lost':
			return ['Error', event.failure.message];
		case 'agent.withdrawn':
			return [
				'Notice',
				'It could not be launched while others were upgraded: DataMiner is stopped on it, since it must not run beside a newer version.',
			];
		case 'phase.started':
			return ['Progress', phaseWords[event.phase]];
		case 'cluster.checked':
			return worstOf(event.checks);
		case 'agent.checked':
			return worstOf(event.checks) ?? ['Information', 'Ready.'];

		case 'upload.started':
			return ['Progress', `Uploading package (${formatBytes(event.total)})...`];
		case 'upload.finished':
			return [
				'Success',
				event.alreadyThere
					? 'The package is there already.'
					: 'The package was uploaded; its SHA-256 is right.',
			];
		case 'prerequisites.started':
			return [
				'Progress',
				event.checks === 0 ? 'The package has no prerequisites.' : `Running ${event.checks} prerequisites...`,
			];
		case 'prerequisite.finished': {
			const {check, outcome, message} = event.result;
			return outcome === 'passed'
				? ['Information', `Prerequisite ${check} passed. ${message}`.trim()]
				: ['Error', `Prerequisite ${check} ${outcome}: ${message}`];
		}

		case 'step.started':
			return ['Progress', `Step ${event.step + 1} of the plan.`];
		case 'launch.started':
			return ['Progress', launchingWords(event)];
		case 'launch.finished':
			return ['Progress', launchedWords(event)];
		case 'launch.ended':
			return event.result === 0
				? ['Information', 'The program that carried the launch ended with code 0.']
				: ['Notice', `The program that carried the launch ended with code ${exitCodeText(event.result)}.`];
		case 'agent.progressed':
			return [capitalized(event.line.type), event.line.message];
		case 'contact.lost':
			return event.expected
				? ['Information', `No contact: expected, it restarts. ${event.reason}`]
				: ['Notice', `Contact lost. ${event.reason}`];
		case 'contact.restored':
			return ['Information', 'It answers again.'];
		case 'agent.verifying':
			return ['Progress', 'Verifying...'];
		case 'agent.verified':
			return ['Success', event.version ? `Verified: it runs ${formatVersion(event.version)}.` : 'Verified.'];
		case 'switch.started':
			return ['Progress', `Switching over from ${event.pair.from} to ${event.pair.to}...`];
		case 'switch.finished':
			return ['Success', `${event.pair.to} is online, ${event.pair.from} is offline.`];
		case 'switch.failed':
			return ['Error', event.failure.message];
		case 'agent.failed':
			return ['Error', event.failure.message];
		case 'agent.unknown':
			return ['Error', `Outcome unknown: ${event.failure.message}`];
		case 'stop.requested':
			return [
				'Notice',
				`${by(event.operator)} asked to stop. Nothing new is started${event.goOn.length > 0 ? `; these go on, since they were launched: ${event.goOn.join(', ')}` : ''}.`,
			];
		case 'note':
			return ['Notice', event.text];
		case 'run.finished':
			return [
				event.outcome === 'done' ? 'Success' : 'Error',
				event.failure?.message ?? `Finished: ${event.outcome}.`,
			];
		default:
			return undefined;
	}
}

interface LaunchFact {
	readonly agent: AgentId;
	readonly via?: AgentId;
}

function launchingWords({agent, via}: LaunchFact): string {
	return via === undefined
		? 'Launching upgrade...'
		: via === agent
			? 'Launching upgrade of the whole cluster...'
			: `${via} is told to upgrade it...`;
}

function launchedWords({agent, via}: LaunchFact): string {
	return via === undefined
		? 'The upgrade was launched.'
		: via === agent
			? 'The upgrade of the whole cluster was launched.'
			: `${via} was told to upgrade it.`;
}

/** Windows writes its own codes, which are large, in hexadecimal. */
function exitCodeText(code: number): string {
	return code > 0xff_ff ? `0x${code.toString(16).toUpperCase()}` : String(code);
}

/** The worst of what somebody has to act upon; undefined where there is nothing of that. */
function worstOf(checks: readonly ReadinessCheck[]): readonly [type: string, message: string] | undefined {
	const worst =
		checks.find(({outcome}) => outcome === 'block') ?? checks.find(({outcome}) => outcome === 'warn');
	return (
		worst && [
			worst.outcome === 'block' ? 'Error' : 'Notice',
			`${worst.title}: ${worst.evidence} ${worst.remedy}`,
		]
	);
}

/** Who took responsibility for which warnings; begins with a space, or is empty. */
function acknowledging({
	operator,
	acknowledged = [],
}: {
	readonly operator: Operator;
	readonly acknowledged?: readonly Acknowledgement[];
}): string {
	if (acknowledged.length === 0) {
		return '';
	}

	const told = acknowledged.map(({summary, agents}) =>
		visibleText(agents.length === 0 ? summary : `${summary} (${agents.join(', ')})`, 400),
	);
	return ` ${by(operator)} acknowledged ${acknowledged.length === 1 ? 'a warning' : `${acknowledged.length} warnings`}: ${told.join(' · ')}`;
}

function by({user, host}: Operator): string {
	return visibleText(`${user} on ${host}`, 120);
}

const phaseWords = {
	readiness: 'Checking whether every Agent is ready...',
	upload: 'Uploading the package to every Agent...',
	prerequisites: 'Running the prerequisites of the package on every Agent...',
	upgrade: 'Upgrading...',
	verification: 'Verifying that the cluster runs one version...',
} as const;

function capitalized(type: string): string {
	const shown = visibleText(type, 20);
	return shown.charAt(0).toUpperCase() + shown.slice(1);
}
