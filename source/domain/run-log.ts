import type {AgentId} from './agent.ts';
import {formatBytes} from './readiness.ts';
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
				`${act} of ${plan.agents.length} Agents with ${plan.package.file}, by ${by(operator)}.`,
			];
		}

		case 'run.resumed':
			return ['Notice', `The runner had ended; another one, of ${by(event.operator)}, goes on.`];
		case 'run.retried':
			return ['Notice', `${by(event.operator)} tries it once more on ${event.agents.join(', ')}.`];
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
		case 'agent.checked': {
			const worst =
				event.checks.find(check => check.outcome === 'block') ??
				event.checks.find(check => check.outcome === 'warn');
			return worst
				? [
						worst.outcome === 'block' ? 'Error' : 'Notice',
						`${worst.title}: ${worst.evidence} ${worst.remedy}`,
					]
				: ['Information', 'Ready.'];
		}

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
			return ['Progress', 'Launching upgrade...'];
		case 'launch.finished':
			return ['Progress', 'The upgrade was launched.'];
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
