import {clusterEntry, indented} from '../config/cluster-file-text.ts';
import type {Inventory} from '../config/inventory.ts';
import {addToClusterFile} from '../config/write-cluster-file.ts';
import {visibleText} from '../domain/text.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import type {Arguments} from './arguments.ts';
import {clusterSourceOf} from './cluster-source.ts';
import {discover} from './discover-members.ts';
import {discoverOnWeb} from './discover-web.ts';
import {startFrom} from './discovery-start.ts';
import {findClusters, ownClusterFile} from './own-clusters.ts';
import type {SshAccess} from './ssh-access.ts';
import {terminalAccess} from './terminal-prompts.ts';
import {UsageError} from './usage-error.ts';

type Flags = Arguments['flags'];

/** `dms-upgrade agents --discover HOST` and `--discover-web URL`, as the command line asks for them. */
export async function runDiscovery(
	flags: Flags,
	signal: AbortSignal,
	write: (text: string) => void = text => void process.stdout.write(text),
	access: SshAccess = terminalAccess(flags),
): Promise<ExitCode> {
	const {discover: host, discoverWeb: url} = flags;
	if (host !== undefined && url !== undefined) {
		throw new UsageError('--discover and --discover-web are two ways to ask the same.', [
			'Choose one of them.',
		]);
	}

	if (url !== undefined && (flags.identityFile ?? flags.hostKey ?? flags.tokenFile) !== undefined) {
		throw new UsageError('--identity-file, --host-key and --token-file go with --discover HOST only.', [
			'Leave them out: --discover-web asks for a password.',
		]);
	}

	const source = flags.lab === undefined ? undefined : await clusterSourceOf(flags, signal);
	try {
		const all = source ? [source.inventory] : ((await findClusters(flags.config)) ?? []);
		const known = all.filter(({cluster}) => flags.cluster === undefined || cluster === flags.cluster);
		const {inventory, remarks, notAdded} =
			url === undefined
				? await discover(startFrom(host ?? '', known, flags), known, {signal, access})
				: await discoverOnWeb(url, known, access, signal);
		// In YAML it is said in the remarks.
		if (notAdded.length > 0 && (flags.json || flags.write !== undefined)) {
			access.tell({
				code: 'NOT_ALL_ADDED',
				message: `Not all of ${visibleText(inventory.cluster, 100)} could be added.`,
				nextSteps: notAdded,
			});
		}

		if (flags.write === undefined) {
			write(
				flags.json
					? `${JSON.stringify(inventory, null, 2)}\n`
					: `clusters:\n${indented(clusterEntry(inventory, remarks), 2)}`,
			);
			return exitCodes.done;
		}

		const file = flags.write === '' ? (flags.config ?? ownClusterFile()) : flags.write;
		await addToClusterFile(file, inventory, remarks);
		write(flags.json ? `${JSON.stringify({file, cluster: inventory.cluster})}\n` : written(file, inventory));
		return exitCodes.done;
	} finally {
		await source?.close(false);
	}
}

function written(file: string, {cluster, agents}: Inventory): string {
	return `${visibleText(cluster)} with ${agents.length} ${agents.length === 1 ? 'Agent' : 'Agents'} stands in ${visibleText(file, 300)} now.\n  → Read it through: what could not be found out is said there.\n`;
}
