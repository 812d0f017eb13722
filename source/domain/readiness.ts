import type {AgentId} from './agent.ts';
import type {AgentStatus} from './agent-status.ts';
import {type PackageFacts, changesVersion} from './package-facts.ts';
import {couldBeSame, formatVersion} from './version.ts';

export type ReadinessOutcome = 'pass' | 'info' | 'warn' | 'block';

/** What was looked at before anything changes, with what was found. */
export interface ReadinessCheck {
	/** Stable and machine-readable. */
	readonly id: string;
	readonly title: string;
	readonly outcome: ReadinessOutcome;
	/** What was found. */
	readonly evidence: string;
	/** What to do about it; empty for *pass*. */
	readonly remedy: string;
	/** The document that says so. */
	readonly source: string;
}

/** What an Agent answered, or why it did not. */
export type AgentAnswer = {readonly status: AgentStatus} | {readonly unreachable: string};

/**
 * Free space that an upgrade needs, as multiples of the package's size: the package itself, the copy that DataMiner
 * keeps of it, and what it unpacks to. The documents give no figure; this is the cautious reading of what they
 * describe (Upgrades\Packages, Keeping_a_DMA_from_running_out_of_disk_space.md).
 */
export const copiesOfPackageOnAgent = 2;

/** Bytes that an Agent needs free before this package is uploaded to it. */
export function neededBytes(facts: PackageFacts): number {
	return facts.size * copiesOfPackageOnAgent + facts.unpackedSize;
}

/** Judges each Agent by its own answer and by those of the others. Every Agent gets at least one check. */
export function checkReadiness(
	answers: ReadonlyMap<AgentId, AgentAnswer>,
	facts: PackageFacts,
): ReadonlyMap<AgentId, readonly ReadinessCheck[]> {
	const versions = [...answers].flatMap(([id, answer]) =>
		'status' in answer && answer.status.version ? [{id, version: answer.status.version}] : [],
	);
	return new Map(
		[...answers].map(([id, answer]) => {
			if ('unreachable' in answer) {
				return [id, [reachable(answer.unreachable)]];
			}

			const {status} = answer;
			const others = versions.filter(other => other.id !== id);
			return [
				id,
				[
					reachable(undefined),
					running(status),
					sameVersion(status, others),
					targetVersion(status, facts),
					freeDisk(status, facts),
					noUpgradeGoingOn(status),
				].filter(check => check !== undefined),
			];
		}),
	);
}

export function isBlocked(checks: readonly ReadinessCheck[]): boolean {
	return checks.some(check => check.outcome === 'block');
}

function reachable(reason: string | undefined): ReadinessCheck {
	return {
		id: 'reachable',
		title: 'Reachable',
		outcome: reason === undefined ? 'pass' : 'block',
		evidence: reason ?? 'It answers.',
		remedy: reason === undefined ? '' : 'Make the Agent reachable, then check again.',
		source: 'Upgrading_a_DataMiner_Agent_using_DataMiner_Taskbar_Utility.md',
	};
}

function running(status: AgentStatus): ReadinessCheck {
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

function sameVersion(
	status: AgentStatus,
	others: readonly {readonly id: AgentId; readonly version: NonNullable<AgentStatus['version']>}[],
): ReadinessCheck {
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
	return {
		...base,
		outcome: different.length === 0 ? 'pass' : 'block',
		evidence:
			different.length === 0
				? formatVersion(version)
				: `${formatVersion(version)}, but ${different.map(other => `${other.id} runs ${formatVersion(other.version)}`).join(', ')}.`,
		remedy: different.length === 0 ? '' : 'Bring all Agents of the cluster to one version first.',
	};
}

function targetVersion(status: AgentStatus, facts: PackageFacts): ReadinessCheck | undefined {
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

function freeDisk(status: AgentStatus, facts: PackageFacts): ReadinessCheck {
	const needed = neededBytes(facts);
	const {freeBytes} = status;
	const enough = freeBytes !== undefined && freeBytes >= needed;
	return {
		id: 'free-disk',
		title: 'Free disk space',
		outcome: enough ? 'pass' : 'block',
		evidence:
			freeBytes === undefined
				? 'How much is free could not be found out.'
				: `${formatBytes(freeBytes)} free, ${formatBytes(needed)} needed.`,
		remedy: enough ? '' : 'Free space on the drive of C:\\Skyline DataMiner.',
		source: 'Keeping_a_DMA_from_running_out_of_disk_space.md',
	};
}

function noUpgradeGoingOn(status: AgentStatus): ReadinessCheck {
	const {upgradeInProgress} = status;
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

/** With a binary prefix and three significant figures: `512 B`, `1.40 GiB`. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let value = bytes;
	let unit = 0;
	// 999.5 and above would be written with an exponent.
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}

	return unit === 0 ? `${value} B` : `${value.toPrecision(3)} ${units[unit] ?? ''}`;
}
