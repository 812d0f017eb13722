import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {ConnectionLostError, UnreachableError} from '../../../source/agent/machine-errors.ts';
import type {HostSettings} from '../../../source/transport/ssh/client-config/host-settings.ts';
import {JumpHostError} from '../../../source/transport/ssh/network/jump-hosts.ts';
import {SshNetwork} from '../../../source/transport/ssh/network/ssh-network.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {eventually} from '../../support/eventually.ts';
import {ScriptedPerson} from '../../support/ssh-people.ts';
import {type Sshd, freePort, newKeyPair, sshdIsMissing, startSshd} from '../../support/sshd.ts';
import {startTcpProxy} from '../../support/tcp-proxy.ts';

describe.skipIf(sshdIsMissing())('a machine behind two jump hosts', () => {
	let outer: Sshd;
	let inner: Sshd;
	let agent: Sshd;
	const machines: SshMachine[] = [];
	const sh = (script: string) => ({program: 'sh', args: ['-c', script]});

	beforeAll(async () => {
		const config = ['LogLevel DEBUG1'];
		[outer, inner, agent] = await Promise.all([
			startSshd({config}),
			startSshd({config}),
			startSshd({config}),
		]);
	});
	afterAll(async () => {
		await Promise.all([outer.stop(), inner.stop(), agent.stop()]);
	});
	afterEach(async () => {
		await Promise.all(machines.splice(0).map(machine => machine.close()));
	});

	interface Differences {
		readonly outer?: Partial<HostSettings>;
		readonly inner?: Partial<HostSettings>;
		readonly agent?: Partial<HostSettings>;
		readonly network?: SshNetwork;
	}

	function aMachine(differences: Differences = {}): SshMachine {
		const machine = new SshMachine({
			address: 'DMA-01',
			route: [
				outer.settings({host: 'outer', ...differences.outer}),
				inner.settings({host: 'inner', ...differences.inner}),
				agent.settings(differences.agent),
			],
			wire: agent.wire(),
			network: differences.network ?? new SshNetwork(),
		});
		machines.push(machine);
		return machine;
	}

	const count = (server: Sshd, what: RegExp) => server.log().match(what)?.length ?? 0;
	const logins = /Accepted publickey/g;

	test('is reached over both, each with its own key and trust', async () => {
		const before = [outer, inner, agent].map(server => count(server, logins));
		const machine = aMachine();
		expect((await machine.run(sh('echo there'))).stdout).toBe('there\n');
		expect([outer, inner, agent].map(server => count(server, logins))).toEqual(before.map(each => each + 1));
		expect(outer.log()).toContain(`target 127.0.0.1 port ${inner.port}`);
		expect(inner.log()).toContain(`target 127.0.0.1 port ${agent.port}`);
	});

	test('shares the jump hosts with all who go the same way, and lets them go with the last one', async () => {
		const network = new SshNetwork();
		const before = count(outer, logins);
		const many = Array.from({length: 6}, () => aMachine({network}));
		await Promise.all(many.map(machine => machine.stat('C:\\')));
		expect(count(outer, logins) - before).toBe(1);

		const [first, ...others] = many;
		const closed = count(outer, /Disconnected from|Connection closed by/g);
		await Promise.all(others.map(machine => machine.close()));
		await first?.stat('C:\\');
		expect(count(outer, /Disconnected from|Connection closed by/g)).toBe(closed);
		await first?.close();
		await eventually(() => count(outer, /Disconnected from|Connection closed by/g) > closed);
	});

	test('is connected to anew when the way to the first jump host breaks', async () => {
		const proxy = await startTcpProxy(outer.port);
		const known = join(outer.folder, 'known_alias');
		await writeFile(known, `outer ${outer.hostKey.public}\n`);
		const over = {port: proxy.port, hostKeyAlias: 'outer', userKnownHostsFiles: [known]};
		const machine = aMachine({outer: over});
		const running = machine.run(sh('echo on; sleep 30'), {onOutput: () => proxy.cut()});
		await expect(running).rejects.toThrow(ConnectionLostError);
		expect((await machine.run(sh('echo again'))).stdout).toBe('again\n');
		await machine.close();
		await proxy.stop();
	});

	test('names the jump host that cannot be reached', async () => {
		const nowhere = await freePort();
		const refused = await aMachine({outer: {port: nowhere}})
			.stat('C:\\')
			.catch((error: unknown) => error);
		expect(refused).toBeInstanceOf(JumpHostError);
		expect(refused).toMatchObject({code: 'UNREACHABLE', hop: 'jump host inner'});
		expect(String(refused)).toContain('jump host outer cannot be reached: nothing listens there');
	});

	test('says which jump host cannot connect to the next one', async () => {
		const nowhere = await freePort();
		const refused = aMachine({inner: {port: nowhere}}).stat('C:\\');
		await expect(refused).rejects.toThrow(
			/jump host inner cannot be reached: jump host outer cannot connect to it/,
		);
		const last = aMachine({agent: {port: nowhere}}).stat('C:\\');
		await expect(last).rejects.toThrow(/^DMA-01 cannot be reached: jump host inner cannot connect to it/);
		await expect(last).rejects.toBeInstanceOf(UnreachableError);
	});

	test('says that a jump host lets nobody through', async () => {
		const shut = await startSshd({config: ['AllowTcpForwarding no']});
		const machine = new SshMachine({
			address: 'DMA-01',
			route: [shut.settings({host: 'shut'}), agent.settings()],
			wire: agent.wire(),
		});
		machines.push(machine);
		await expect(machine.stat('C:\\')).rejects.toThrow(/jump host shut does not connect others to it/);
		await machine.close();
		await shut.stop();
	});

	test('does not go on behind a jump host whose key is another one', async () => {
		const known = join(inner.folder, 'changed');
		await writeFile(known, `[127.0.0.1]:${inner.port} ${newKeyPair().public}\n`);
		const before = count(agent, /Connection from/g);
		const refused = aMachine({inner: {userKnownHostsFiles: [known]}}).stat('C:\\');
		await expect(refused).rejects.toMatchObject({code: 'HOST_KEY_CHANGED', exitCode: 5});
		await expect(refused).rejects.toThrow(/^jump host inner shows/);
		expect(count(agent, /Connection from/g)).toBe(before);
	});

	test('does not go on behind a jump host that refuses the login', async () => {
		const refused = aMachine({inner: {identityFiles: []}}).stat('C:\\');
		await expect(refused).rejects.toThrow(/^jump host inner refused the login/);
		await expect(refused).rejects.toMatchObject({code: 'ACCESS_DENIED'});
	});

	test('asks about each host on the way', async () => {
		const person = new ScriptedPerson({trusts: true});
		const known = {userKnownHostsFiles: [join(agent.folder, 'new_known_hosts')]};
		const network = new SshNetwork({prompts: person});
		await aMachine({outer: known, inner: known, agent: known, network}).stat('C:\\');
		expect(person.hostKeys.map(({address}) => address)).toEqual([
			'jump host outer',
			'jump host inner',
			'DMA-01',
		]);
	});
});
