import {describe, expect, test} from 'vitest';
import {clusterSourceOf} from '../../source/commands/cluster-source.ts';
import {parseArguments} from '../../source/commands/arguments.ts';
import {SeveralClustersError, chooseCluster} from '../../source/commands/own-clusters.ts';
import {type Inventory, inventorySchema} from '../../source/config/inventory.ts';

const aCluster = (cluster: string): Inventory =>
	inventorySchema.parse({cluster, agents: [{name: 'A', address: 'a.example'}]});
const nobody = () => Promise.resolve(undefined);
const never = () => {
	throw new Error('Nobody was to be asked.');
};

describe('which cluster', () => {
	test('the only one is meant without being named, and nobody is asked', async () => {
		expect((await chooseCluster([aCluster('Headend')], undefined, never)).cluster).toBe('Headend');
	});

	test('with several, the one that is named is meant', async () => {
		const clusters = [aCluster('Headend'), aCluster('Test')];
		expect((await chooseCluster(clusters, 'Test', never)).cluster).toBe('Test');
	});

	test('with several and none named, it is asked, and the answer counts', async () => {
		const clusters = [aCluster('Headend'), aCluster('Test')];
		const asked: unknown[] = [];
		const chosen = await chooseCluster(clusters, undefined, options => {
			asked.push(...options);
			return Promise.resolve('Test');
		});
		expect(chosen.cluster).toBe('Test');
		expect(asked).toEqual([
			{name: 'Headend', agents: 1},
			{name: 'Test', agents: 1},
		]);
	});

	test('where nobody answers, the names are told', async () => {
		const refused = chooseCluster([aCluster('Headend'), aCluster('Test')], undefined, nobody);
		await expect(refused).rejects.toBeInstanceOf(SeveralClustersError);
		await expect(refused).rejects.toMatchObject({
			nextSteps: ['Name one with --cluster NAME: Headend, Test.'],
			exitCode: 1,
		});
	});

	test('a name that is not there is refused, the only cluster or not', async () => {
		await expect(chooseCluster([aCluster('Headend')], 'Hedend', never)).rejects.toMatchObject({
			nextSteps: ['Name one of those that are there: Headend.'],
		});
	});

	test('a practice cluster is not named', async () => {
		const {flags} = parseArguments(['agents', '--lab', '--cluster', 'Headend']);
		await expect(clusterSourceOf(flags)).rejects.toMatchObject({code: 'WRONG_USE'});
	});

	test('a file that was named and is not there is told', async () => {
		const {flags} = parseArguments(['agents', '--config', '/nowhere/clusters.yaml']);
		await expect(clusterSourceOf(flags)).rejects.toMatchObject({
			code: 'CLUSTER_FILE',
			message: '/nowhere/clusters.yaml cannot be used: there is no such file.',
		});
	});
});
