import {expect, onTestFinished, test, vi} from 'vitest';
import {withRoutes} from '../../source/commands/agent-routes.ts';
import {waysTo} from '../../source/commands/ways-to-agents.ts';
import {SshAccess} from '../../source/commands/ssh-access.ts';
import {clusterOf, inventorySchema} from '../../source/config/inventory.ts';
import type {Failure} from '../../source/domain/user-error.ts';
import type {HostSettings} from '../../source/transport/ssh/client-config/host-settings.ts';
import type {Surroundings} from '../../source/transport/ssh/client-config/surroundings.ts';

/** Somebody whose own configuration this is. */
function configured(config: string): Surroundings {
	return {
		platform: 'linux',
		home: '/home/edith',
		localUser: 'edith',
		userId: 1000,
		computer: 'desk',
		environment: {},
		readFile: path =>
			Promise.resolve(
				path === '/home/edith/.ssh/config' ? {text: config, ownerId: 1000, mode: 0o600} : undefined,
			),
		listFolder: () => Promise.resolve(undefined),
	};
}

async function routeTo(agent: object, config: string): Promise<readonly HostSettings[]> {
	const inventory = inventorySchema.parse({cluster: 'C', agents: [{name: 'A', ...agent}]});
	const [way] = await waysTo(inventory, configured(config));
	return way && 'route' in way.options ? way.options.route : [];
}

test('an Agent of which only the address is said is reached as ssh would', async () => {
	const [jump, target] = await routeTo(
		{address: 'dma-1'},
		'Host dma-1\n HostName 10.0.0.1\n User Administrator\n Port 2200\n ProxyJump bastion\nHost bastion\n User hop',
	);
	expect(jump).toMatchObject({hostName: 'bastion', port: 22, user: 'hop'});
	expect(target).toMatchObject({hostName: '10.0.0.1', port: 2200, user: 'Administrator'});
});

test('what the inventory says goes before the configuration, for the Agent and not for the hosts on the way', async () => {
	const [jump, target] = await routeTo(
		{address: 'dma-1', user: 'admin', port: 22, identityFile: '/keys/dma'},
		'Host dma-1\n ProxyJump bastion\n User other\n Port 2200\nHost *\n IdentityFile ~/.ssh/usual',
	);
	expect(jump).toMatchObject({user: 'edith', identityFiles: [{path: '/home/edith/.ssh/usual'}]});
	expect(target).toMatchObject({
		user: 'admin',
		port: 22,
		identityFiles: [{path: '/keys/dma'}],
		identitiesOnly: true,
	});
});

test('a fingerprint of the inventory is kept to, and does not take the way over a jump host away', async () => {
	const hostKey = `SHA256:${'a'.repeat(43)}`;
	const agents = [{name: 'A', address: 'a', user: 'u', port: 22, identityFile: '/k', hostKey}];
	const [way] = await waysTo(
		inventorySchema.parse({cluster: 'C', agents}),
		configured('Host a\n ProxyJump bastion'),
	);
	expect(way?.options).toMatchObject({hostKey, route: [{host: 'bastion'}, {host: 'a'}]});
});

test('the cluster tells by which way each Agent is reached, and no login of a proxy', async () => {
	vi.stubEnv('HTTPS_PROXY', 'http://edith:secret@proxy.example:3128');
	vi.stubEnv('NO_PROXY', '10.0.0.3');
	onTestFinished(() => void vi.unstubAllEnvs());
	const inventory = inventorySchema.parse({
		cluster: 'C',
		agents: [
			{name: 'A', address: 'dma-1'},
			{name: 'B', address: '10.0.0.2', service: {}},
			{name: 'C', address: '10.0.0.3', service: {port: 443}},
		],
	});
	const ways = await waysTo(
		{...inventory, agents: inventory.agents.slice(0, 1)},
		configured('Host dma-1\n HostName 10.0.0.1\n User admin\n ProxyJump outer,inner'),
	);
	expect(withRoutes(clusterOf(inventory), inventory, ways).agents.map(({route}) => route)).toEqual([
		{host: '10.0.0.1', port: 22, user: 'admin', via: ['jump host outer', 'jump host inner']},
		{host: '10.0.0.2', port: 8443, via: ['proxy proxy.example:3128']},
		{host: '10.0.0.3', port: 443, via: []},
	]);
});

test('what is not followed is told once, together where it has the same consequence', async () => {
	const told: Failure[] = [];
	const access = new SshAccess({notice: failure => told.push(failure)});
	const agents = ['a', 'b'].map(name => ({name, address: name}));
	const ways = await waysTo(
		inventorySchema.parse({cluster: 'C', agents}),
		configured('Ciphers aes256-ctr\nMACs hmac-sha2-256\nBindAddress 10.0.0.9'),
	);
	access.note(ways.flatMap(({notices}) => notices));
	access.note(ways.flatMap(({notices}) => notices));
	expect(told.map(({message}) => message)).toEqual([
		'Not followed in the SSH configuration: Ciphers (/home/edith/.ssh/config:1), MACs (/home/edith/.ssh/config:2); dms-upgrade offers the algorithms of its own SSH library instead.',
		'Not followed in the SSH configuration: BindAddress (/home/edith/.ssh/config:3); the connection leaves from the address that the system chooses.',
	]);
});
