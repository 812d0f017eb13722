import fc from 'fast-check';
import {chmod, mkdtemp, readFile, readdir, realpath, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {type Inventory, inventorySchema} from '../../source/config/inventory.ts';
import {addToClusterFile} from '../../source/config/write-cluster-file.ts';
import {clusterLists} from '../support/a-cluster-file.ts';

let base: string;
let file: string;

beforeEach(async () => {
	base = await realpath(await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-')));
	file = path.join(base, 'config', 'dms-upgrade', 'clusters.yaml');
});

afterEach(async () => {
	await rm(base, {recursive: true, force: true});
});

const aCluster = (cluster: string, ...names: readonly string[]): Inventory =>
	inventorySchema.parse({
		cluster,
		agents: (names.length > 0 ? names : ['DMA-01']).map(name => ({
			name,
			address: `${name.toLowerCase()}.example`,
			user: 'edith',
		})),
	});

const clustersNow = async () => parseClusterFile(await readFile(file, 'utf8'), file);

describe('adding a cluster to a file', () => {
	test('begins the file, for its owner alone', async () => {
		await addToClusterFile(file, aCluster('Headend', 'A', 'B'), {
			above: ['Read from DMS.xml of A.', 'Second\nline'],
			agents: new Map([['B', ['DataMiner ID 35']]]),
		});
		expect(await readFile(file, 'utf8')).toBe(
			[
				'clusters:',
				'  # Read from DMS.xml of A.',
				'  # Second\\x0aline',
				'  Headend:',
				'    user: edith',
				'    agents:',
				'      - name: A',
				'        address: a.example',
				'      # DataMiner ID 35',
				'      - name: B',
				'        address: b.example',
				'',
			].join('\n'),
		);
		if (process.platform !== 'win32') {
			expect((await stat(file)).mode & 0o777).toBe(0o600);
			expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
		}

		expect(await readdir(path.dirname(file))).toEqual(['clusters.yaml']);
	});

	test('leaves every byte that stands there', async () => {
		const before =
			'# Ours, by hand\nclusters:\n    Test:   # four blanks\n        agents: [ {name: t, address: t} ]   # one\n    # the end';
		file = path.join(base, 'clusters.yaml');
		await writeFile(file, before);
		await addToClusterFile(file, aCluster('Headend'));
		const after = await readFile(file, 'utf8');
		expect(after.startsWith(`${before}\n    Headend:\n`)).toBe(true);
		expect((await clustersNow()).map(({cluster}) => cluster)).toEqual(['Test', 'Headend']);
	});

	test.each(['', '# Nothing yet\n', '\n\n'])('to one without any cluster (%j)', async before => {
		file = path.join(base, 'clusters.yaml');
		await writeFile(file, before);
		await addToClusterFile(file, aCluster('Headend'));
		expect(await clustersNow()).toEqual([aCluster('Headend')]);
		expect((await readFile(file, 'utf8')).startsWith(before)).toBe(true);
	});

	test('never takes the place of a cluster of that name', async () => {
		await addToClusterFile(file, aCluster('Headend', 'A'));
		const before = await readFile(file, 'utf8');
		await expect(addToClusterFile(file, aCluster('Headend', 'B'))).rejects.toMatchObject({
			code: 'CLUSTER_EXISTS',
			exitCode: 1,
		});
		expect(await readFile(file, 'utf8')).toBe(before);
		expect(await readdir(path.dirname(file))).toEqual(['clusters.yaml']);
	});

	test.each<[string, string, string]>([
		['in brackets', 'clusters: {A: {agents: [{name: a, address: a}]}}\n', 'CLUSTER_FILE_FORM'],
		[
			'the inventory of one cluster',
			'{"cluster": "A", "agents": [{"name": "a", "address": "a"}]}',
			'CLUSTER_FILE_FORM',
		],
		['with a mistake', 'clusters:\n  A: {}\n', 'CLUSTER_FILE'],
		[
			'with the end of the document in it',
			'clusters:\n  A: {agents: [{name: a, address: a}]}\n...\n',
			'CLUSTER_FILE_FORM',
		],
	])('changes no file %s', async (_, before, code) => {
		file = path.join(base, 'clusters.yaml');
		await writeFile(file, before);
		await expect(addToClusterFile(file, aCluster('Headend'))).rejects.toMatchObject({code});
		expect(await readFile(file, 'utf8')).toBe(before);
	});

	test('a link stays a link', async () => {
		const target = path.join(base, 'elsewhere.yaml');
		file = path.join(base, 'clusters.yaml');
		await writeFile(target, clusterFileText([aCluster('A')]));
		await symlink(target, file);
		await addToClusterFile(file, aCluster('B'));
		expect(await realpath(file)).toBe(target);
		expect(await clustersNow()).toHaveLength(2);
	});

	test('of many that write at once, each cluster is in the file or its writer was told', async () => {
		await addToClusterFile(file, aCluster('C'));
		const names = Array.from({length: 12}, (_, index) => `C${index}`);
		const told = await Promise.allSettled(names.map(name => addToClusterFile(file, aCluster(name))));
		const written = names.filter((_, index) => told[index]?.status === 'fulfilled');
		expect(written.length).toBeGreaterThan(0);
		expect((await clustersNow()).map(({cluster}) => cluster).toSorted()).toEqual(
			['C', ...written].toSorted(),
		);
		for (const result of told) {
			expect(
				result.status === 'rejected' ? (result.reason as {code: string}).code : 'CLUSTER_FILE_BUSY',
			).toBe('CLUSTER_FILE_BUSY');
		}
	});

	test('a place that cannot be written to is told', async () => {
		await writeFile(path.join(base, 'file'), '');
		await expect(
			addToClusterFile(path.join(base, 'file', 'clusters.yaml'), aCluster('A')),
		).rejects.toMatchObject({
			code: 'CLUSTER_FILE_DENIED',
		});
	});

	test('whatever stands there and whatever is added, both are read back the same', async () => {
		file = path.join(base, 'clusters.yaml');
		await fc.assert(
			fc.asyncProperty(clusterLists, async clusters => {
				await rm(file, {force: true});
				for (const cluster of clusters) {
					await addToClusterFile(file, cluster, {above: [cluster.cluster, "# '\u2028:"]});
				}

				expect(await clustersNow()).toEqual(clusters);
			}),
			{numRuns: 60},
		);
	});

	test.skipIf(process.platform === 'win32')('one that others can write into is refused', async () => {
		file = path.join(base, 'clusters.yaml');
		await writeFile(file, clusterFileText([aCluster('A')]));
		await chmod(file, 0o666);
		await expect(addToClusterFile(file, aCluster('B'))).rejects.toMatchObject({code: 'CLUSTER_FILE'});
	});
});
