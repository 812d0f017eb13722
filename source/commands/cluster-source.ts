import type {Inventory} from '../config/inventory.ts';
import {readInventory} from '../config/inventory-file.ts';
import {type Arguments, labOptionsOf} from './arguments.ts';
import {startLabProcess} from './lab-process.ts';
import {UsageError} from './usage-error.ts';

/** Where a cluster comes from: a practice cluster that starts for it, or an inventory. */
export interface ClusterSource {
	readonly inventory: Inventory;
	/** Ends what was started for it. `stillUsed`: a run goes on there, which outlives this process. */
	close(stillUsed: boolean): Promise<void>;
}

/** The cluster that the command line asks for. Rejects with a `UserError`. */
export async function clusterSourceOf(
	flags: Arguments['flags'],
	signal?: AbortSignal,
): Promise<ClusterSource> {
	const lab = labOptionsOf(flags);
	if (lab) {
		const started = await startLabProcess({...lab, ...(signal && {signal})});
		return {
			inventory: started.inventory,
			close: async stillUsed => (stillUsed ? started.release() : started.stop()),
		};
	}

	if (flags.config === undefined) {
		throw new UsageError('There is no cluster to work on.', [
			'Add --lab to practise on a simulated cluster.',
			'Or name an inventory with --config FILE; dms-upgrade lab prints one that shows what it looks like.',
		]);
	}

	return sourceOf(await readInventory(flags.config));
}

/** A cluster that is there anyway. */
export function sourceOf(inventory: Inventory): ClusterSource {
	return {inventory, close: () => Promise.resolve()};
}
