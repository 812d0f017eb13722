import * as z from 'zod';
import {ClusterFileError} from './cluster-file-error.ts';
import {problemsOf, unknownKey} from './cluster-file-problems.ts';
import {
	type Inventory,
	accessShape,
	checkAgents,
	clusterName,
	clusterShape,
	inventorySchema,
} from './inventory.ts';
import type {FileProblem} from './yaml-problem.ts';
import {type YamlText, readYaml} from './yaml-text.ts';

/** One cluster of the file; how its Agents are reached unless one of them says otherwise. */
const clusterSchema = z.strictObject({...accessShape, ...clusterShape}).superRefine(checkAgents);

const clustersSchema = z.strictObject({clusters: z.record(clusterName, clusterSchema)});

/** The least that such a file holds, on one line. */
export const exampleClusters =
	'clusters: {Headend: {user: Administrator, agents: [{name: DMA-01, address: 10.4.2.92}]}}';

const writeExample = `Write at least ${exampleClusters}`;

/**
 * Reads a text with clusters: `clusters` and their names in YAML, or the inventory of one cluster as `dms-upgrade lab`
 * prints it. At least one cluster, in the order of the text. Throws `ClusterFileError`, which names `file`.
 */
export function parseClusterFile(content: string, file: string): readonly Inventory[] {
	const text = readYaml(content);
	if (!('content' in text)) {
		throw new ClusterFileError(file, text);
	}

	const clusters = clustersIn(text);
	if ('problems' in clusters) {
		throw new ClusterFileError(file, clusters.problems);
	}

	return clusters.found;
}

type Found = {readonly found: readonly Inventory[]} | {readonly problems: readonly FileProblem[]};

function clustersIn(text: YamlText): Found {
	const {content} = text;
	const wrong = (problem: Omit<FileProblem, 'place'>): Found => ({
		problems: [{place: text.placeOf([]), ...problem}],
	});
	if (content === null || content === undefined) {
		return wrong({cause: 'there is nothing in it', remedy: writeExample});
	}

	if (typeof content !== 'object' || Array.isArray(content)) {
		return wrong({cause: 'it does not begin with “clusters:”', remedy: writeExample});
	}

	if (!Object.hasOwn(content, 'clusters')) {
		return Object.hasOwn(content, 'agents') ? inventoryIn(text) : withoutClusters(text, content);
	}

	const {data, error} = clustersSchema.safeParse(content);
	if (!data) {
		return {problems: problemsOf(error.issues, text)};
	}

	const names = Object.keys(data.clusters);
	return names.length === 0
		? {
				problems: [
					{
						place: text.placeOf(['clusters']),
						cause: 'there is no cluster in it',
						remedy: writeExample,
					},
				],
			}
		: {found: Object.entries(data.clusters).map(([name, cluster]) => inventoryOf(name, cluster))};
}

function inventoryIn(text: YamlText): Found {
	const {data, error} = inventorySchema.safeParse(text.content);
	return data ? {found: [data]} : {problems: problemsOf(error.issues, text)};
}

function withoutClusters(text: YamlText, content: object): Found {
	const keys = Object.keys(content);
	return {
		problems: keys.slice(0, 3).map(key => ({
			place: text.placeOfKey([], key),
			...unknownKey(key, ['clusters'], 'at the top of it'),
		})),
	};
}

function inventoryOf(name: string, cluster: z.infer<typeof clusterSchema>): Inventory {
	const {user, port, identityFile, tokenFile, agents, ...rest} = cluster;
	const defaults = {
		...(user !== undefined && {user}),
		...(port !== undefined && {port}),
		...(identityFile !== undefined && {identityFile}),
		...(tokenFile !== undefined && {tokenFile}),
	};
	return {cluster: name, ...rest, agents: agents.map(agent => ({...defaults, ...agent}))};
}
