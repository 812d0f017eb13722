import type {AgentStatus} from '../agent-status.ts';
import {formatBytes} from '../format-bytes.ts';
import type {PackageFacts} from '../package-facts.ts';
import type {ReadinessCheck} from './readiness-check.ts';

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

export function freeDisk({freeBytes}: AgentStatus, facts: PackageFacts): ReadinessCheck {
	const needed = neededBytes(facts);
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
