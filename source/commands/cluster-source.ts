import type {Inventory} from '../config/inventory.ts';
import {type Arguments, labOptionsOf} from './arguments.ts';
import {startLabProcess} from './lab-process.ts';
import {type AskCluster, askOnTerminal, chooseCluster, readClusters} from './own-clusters.ts';
import {UsageError} from './usage-error.ts';

/** Where a cluster comes from: a practice cluster that starts for it, or an inventory. */
export interface ClusterSource {
	readonly inventory: Inventory;
	/** Ends what was started for it. `stillUsed`: a run goes on there, which outlives this process. */
	close(stillUsed: boolean): Promise<void>;
}

/** The cluster that the command line asks for. `ask` decides among several. Rejects with a `UserError`. */
export async function clusterSourceOf(
	flags: Arguments['flags'],
	signal?: AbortSignal,
	ask: AskCluster = askOnTerminal,
): Promise<ClusterSource> {
	const lab = labOptionsOf(flags);
	if (lab) {
		if (flags.cluster !== undefined || flags.config !== undefined) {
			throw new UsageError(
				'--lab starts a cluster of its own; --cluster and --config name one that is there.',
				['Leave out either the one or the other.'],
			);
		}

		const started = await startLabProcess({...lab, ...(signal && {signal})});
		return {
			inventory: started.inventory,
			close: async stillUsed => (stillUsed ? started.release() : started.stop()),
		};
	}

	return sourceOf(await chooseCluster(await readClusters(flags.config), flags.cluster, ask));
}

/** A cluster that is there anyway. */
export function sourceOf(inventory: Inventory): ClusterSource {
	return {inventory, close: () => Promise.resolve()};
}
