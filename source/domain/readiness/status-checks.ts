import type {AgentId} from '../agent.ts';
import type {AgentStatus} from '../agent-status.ts';
import {type PackageFacts, changesVersion} from '../package-facts.ts';
import type {LockHolder} from '../run-event.ts';
import {type Version, compareVersions, couldBeSame, formatVersion} from '../version.ts';
import type {Unreachable} from './agent-answer.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** The version that another Agent runs. */
export interface VersionElsewhere {
	readonly id: AgentId;
	readonly version: Version;
}

export function reachable(failure?: Unreachable): ReadinessCheck {
	const {unreachable: reason, nextSteps = ['Make the Agent reachable.']}: Partial<Unreachable> =
		failure ?? {};
	return {
		id: 'reachable',
		title: 'Reachable',
		outcome: reason === undefined ? 'pass' : 'block',
		evidence: reason ?? 'It answers.',
		remedy: reason === undefined ? '' : [...nextSteps, 'Then check again.'].join(' '),
		source: 'Upgrading_a_DataMiner_Agent_using_DataMiner_Taskbar_Utility.md',
	};
}

export function running(status: AgentStatus): ReadinessCheck {
	// The offline Agent of a pair runs with its core services only; its state is judged by its connection as such.
	const ready = status.state === 'Running';
	return {
		id: 'running',
		title: 'DataMiner runs',
		outcome: ready ? 'pass' : 'block',
		evidence: `State: ${status.state}.`,
		remedy: ready ? '' : 'Start DataMiner on this Agent and wait until it runs, or find out why it does not.',
		source: 'MOP_Upgrading_a_DMA_DMS.md',
	};
}

export function sameVersion(status: AgentStatus, others: readonly VersionElsewhere[]): ReadinessCheck {
	const base = {
		id: 'same-version',
		title: 'Same version as the others',
		source: 'Upgrading_a_DataMiner_Agent_in_System_Center.md',
	};
	const {version} = status;
	if (!version) {
		return {
			...base,
			outcome: 'block',
			evidence: 'Upgrades\\VersionHistory.txt names no version.',
			remedy: 'Look at Upgrades\\VersionHistory.txt on this Agent.',
		};
	}

	const different = others.filter(other => !couldBeSame(version, other.version));
	const open = others.filter(other => compareVersions(version, other.version) !== 0);
	if (different.length === 0 && open.length > 0) {
		return {
			...base,
			outcome: 'unknown',
			evidence: `${formatVersion(version)}; ${runs(open)}. Neither a build nor a cumulative update tells whether that is the same.`,
			remedy: 'Look at the versions of both in Cube (About, Versions).',
		};
	}

	return {
		...base,
		outcome: different.length === 0 ? 'pass' : 'block',
		evidence:
			different.length === 0 ? formatVersion(version) : `${formatVersion(version)}, but ${runs(different)}.`,
		remedy: different.length === 0 ? '' : 'Bring all Agents of the cluster to one version first.',
	};
}

function runs(others: readonly VersionElsewhere[]): string {
	return others.map(({id, version}) => `${id} runs ${formatVersion(version)}`).join(', ');
}

export function targetVersion(status: AgentStatus, facts: PackageFacts): ReadinessCheck | undefined {
	if (
		!changesVersion(facts.kind) ||
		!facts.version ||
		!status.version ||
		!couldBeSame(status.version, facts.version)
	) {
		return undefined;
	}

	return {
		id: 'target-version',
		title: 'Not on the target version yet',
		outcome: 'warn',
		evidence: `It already runs ${formatVersion(status.version)}.`,
		remedy: 'Nothing is gained by the same version again, unless files are to be restored.',
		source: 'Checking_the_upgrade_history_of_a_DataMiner_Agent.md',
	};
}

export function noUpgradeGoingOn({upgradeInProgress}: AgentStatus): ReadinessCheck {
	return {
		id: 'no-upgrade-going-on',
		title: 'No upgrade going on',
		outcome: upgradeInProgress === undefined ? 'pass' : 'block',
		evidence:
			upgradeInProgress === undefined ? 'None is going on.' : `${upgradeInProgress} is being carried out.`,
		remedy: upgradeInProgress === undefined ? '' : 'Wait until it has finished on all Agents.',
		source: 'Upgrading_a_DataMiner_Agent_in_System_Center.md',
	};
}

export function notLocked(holder: LockHolder | undefined): ReadinessCheck {
	return {
		id: 'lock',
		title: 'Not held by another run',
		outcome: holder === undefined ? 'pass' : 'block',
		evidence:
			holder === undefined
				? 'No run holds it.'
				: `Run ${holder.run} of ${holder.operator.user} on ${holder.operator.host} holds it since ${utc(holder.since)}.`,
		remedy:
			holder === undefined
				? ''
				: `Wait until that run is over, or talk to ${holder.operator.user}. What a run that died left behind can be taken over when the next one starts.`,
		source: 'dms-upgrade',
	};
}

/** `2026-03-06 10:21:32 UTC`; a time out of range, which a broken file may hold, is said to be one. */
function utc(time: number): string {
	const date = new Date(time);
	return Number.isNaN(date.getTime())
		? 'an unknown time'
		: `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
