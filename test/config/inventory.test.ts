import {expect, test} from 'vitest';
import {clusterOf, inventorySchema} from '../../source/config/inventory.ts';
import {failoverPairs} from '../../source/domain/cluster.ts';

const hostKey = `SHA256:${'A'.repeat(43)}`;
const agent = (name: string, more: object = {}) => ({
	name,
	address: `${name}.example`,
	user: 'admin',
	identityFile: 'key',
	hostKey,
	...more,
});

test('pairs are the two Agents that name each other', () => {
	const inventory = inventorySchema.parse({
		cluster: 'Practice',
		agents: [agent('A'), agent('B1', {partner: 'B2'}), agent('B2', {partner: 'B1'})],
	});
	expect(failoverPairs(clusterOf(inventory))).toEqual([['B1', 'B2']]);
	expect(inventory.agents[0]).not.toHaveProperty('port');
});

test('an Agent with the service is reached by that, any other one over SSH', () => {
	const inventory = inventorySchema.parse({
		cluster: 'Practice',
		agents: [agent('A'), agent('B', {service: {}}), agent('C', {service: {plain: true}})],
	});
	expect(clusterOf(inventory).agents.map(({reachedBy}) => reachedBy)).toEqual([undefined, 'HTTPS', 'HTTP']);
});

test.each<[string, object]>([
	['no Agent', {agents: []}],
	['two Agents of one name', {agents: [agent('A'), agent('A', {address: 'B.example'})]}],
	['one Agent under two names', {agents: [agent('A'), agent('B', {address: 'a.EXAMPLE'})]}],
	['a partner that is not there', {agents: [agent('A', {partner: 'B'})]}],
	[
		'a partner that names another one',
		{agents: [agent('A', {partner: 'B'}), agent('B', {partner: 'C'}), agent('C', {partner: 'B'})]},
	],
	['an Agent that is its own partner', {agents: [agent('A', {partner: 'A'})]}],
	['a name with a path in it', {agents: [agent('../A')]}],
	['a host key that is no fingerprint', {agents: [agent('A', {hostKey: 'ssh-ed25519 AAAA'})]}],
	['a port that does not exist', {agents: [agent('A', {port: 65_536})]}],
	['a key that nobody knows', {agents: [agent('A')], speeed: 3}],
])('%s is refused', (_, inventory) => {
	expect(inventorySchema.safeParse({cluster: 'Practice', ...inventory}).success).toBe(false);
});
