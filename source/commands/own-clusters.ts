import {homedir} from 'node:os';
import {exampleClusters} from '../config/cluster-file.ts';
import {ClusterFileError} from '../config/cluster-file-error.ts';
import {defaultClusterFile} from '../config/config-folder.ts';
import type {Inventory} from '../config/inventory.ts';
import {readClusterFile} from '../config/read-cluster-file.ts';
import {visibleText} from '../domain/text.ts';
import type {ClusterOption} from '../ui/state/cluster-choice.ts';
import {answerTo, isAnybodyThere} from './asking.ts';
import {UsageError} from './usage-error.ts';

/** Where the clusters of this user stand unless another file is named. */
export function ownClusterFile(): string {
	return defaultClusterFile({environment: process.env, platform: process.platform, home: homedir()});
}

/** The clusters of the named file, or of the user's own. Undefined where that one does not exist. */
export async function findClusters(named: string | undefined): Promise<readonly Inventory[] | undefined> {
	const clusters = await readClusterFile(named ?? ownClusterFile(), homedir());
	if (!clusters && named !== undefined) {
		throw new ClusterFileError(named, [
			{cause: 'there is no such file', remedy: 'Check the path behind --config.'},
		]);
	}

	return clusters;
}

/** Rejects with a `UserError` that shows how to write such a file where there is none. */
export async function readClusters(named: string | undefined): Promise<readonly Inventory[]> {
	const clusters = await findClusters(named);
	if (!clusters) {
		throw new UsageError(
			`There is no cluster to work on: ${visibleText(ownClusterFile(), 300)} does not exist.`,
			[
				'Add --lab to practise on a simulated cluster.',
				`Or write your Agents into that file, such as ${exampleClusters}`,
				'Or let one Agent tell who the others are: dms-upgrade agents --discover HOST --write.',
				'Or name another file with --config FILE.',
			],
		);
	}

	return clusters;
}

/** Asks which cluster is meant; undefined: nobody answers. */
export type AskCluster = (options: readonly ClusterOption[]) => Promise<string | undefined>;

/** The cluster that is meant: the one that is named, the only one, or the one that is answered. */
export async function chooseCluster(
	clusters: readonly Inventory[],
	named: string | undefined,
	ask: AskCluster,
): Promise<Inventory> {
	const options = clusters.map(({cluster, agents}) => ({name: cluster, agents: agents.length}));
	const [only, another] = clusters;
	if (named === undefined && only && !another) {
		return only;
	}

	const name = named ?? (await ask(options));
	if (name === undefined) {
		throw new SeveralClustersError(options);
	}

	const chosen = clusters.find(({cluster}) => cluster === name);
	if (!chosen) {
		throw new UsageError(`There is no cluster “${visibleText(name, 100)}” in the file.`, [
			`Name one of those that are there: ${listed(options)}.`,
		]);
	}

	return chosen;
}

/** It has to be said which cluster is meant. */
export class SeveralClustersError extends UsageError {
	constructor(readonly options: readonly ClusterOption[]) {
		super('Which cluster? There are several in the file.', [
			`Name one with --cluster NAME: ${listed(options)}.`,
		]);
	}
}

function listed(options: readonly ClusterOption[]): string {
	const names = options.map(({name}) => name);
	return names.length > 20
		? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
		: names.join(', ');
}

const mostQuestions = 3;

/** A menu in the lines of the terminal; the number or the name answers it. */
export async function askOnTerminal(options: readonly ClusterOption[]): Promise<string | undefined> {
	if (!isAnybodyThere()) {
		return undefined;
	}

	const names = options.map(({name}) => name);
	const digits = String(names.length).length;
	const menu = names.map(
		(name, index) => `  ${String(index + 1).padStart(digits)}  ${visibleText(name, 100)}\n`,
	);
	process.stderr.write(`Which cluster?\n${menu.join('')}`);
	for (let question = 0; question < mostQuestions; question += 1) {
		const answer = await answerTo(`Number or name (1-${names.length}): `);
		const chosen =
			names.find(name => name === answer) ?? (/^\d+$/.test(answer) ? names[Number(answer) - 1] : undefined);
		if (chosen !== undefined || answer === '') {
			return chosen;
		}
	}

	return undefined;
}
