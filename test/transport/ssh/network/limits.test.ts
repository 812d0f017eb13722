import {type Socket, createServer} from 'node:net';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../../source/agent/machine-errors.ts';
import type {HostSettings} from '../../../../source/transport/ssh/client-config/host-settings.ts';
import {SshMachine} from '../../../../source/transport/ssh/ssh-machine.ts';
import {type Sshd, freePort, newKeyPair, sshdIsMissing, startSshd} from '../../../support/sshd.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) {
		await step();
	}
});

test('no more than eight log in at once, however many there are', async () => {
	const open = new Set<Socket>();
	let most = 0;
	let all = 0;
	// It never says anything, so that everybody stays until the limit of the login.
	const server = createServer(socket => {
		// A login begins with the words of the client.
		socket.once('data', () => {
			open.add(socket);
			all += 1;
			most = Math.max(most, open.size);
		});
		socket.on('error', () => undefined);
		socket.on('close', () => open.delete(socket));
	});
	const port = await freePort();
	await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
	cleanUp.push(() => new Promise(resolve => server.close(resolve)));
	const {private: privateKey, fingerprint: hostKey} = newKeyPair();
	const machines = Array.from(
		{length: 20},
		() =>
			new SshMachine({
				address: '127.0.0.1',
				port,
				user: 'x',
				privateKey,
				hostKey,
				limits: {connectTimeoutMs: 200, retriesWhenDropped: 0},
			}),
	);
	const outcomes = await Promise.allSettled(machines.map(machine => machine.stat('C:\\')));
	expect(outcomes.every(({status}) => status === 'rejected')).toBe(true);
	expect(all).toBe(20);
	// One that was given up is gone here a moment before it is gone there.
	expect(most).toBeGreaterThanOrEqual(8);
	expect(most).toBeLessThanOrEqual(16);
	await Promise.all(machines.map(machine => machine.close()));
});

describe.skipIf(sshdIsMissing())('what the configuration says', () => {
	function aMachine(sshd: Sshd, differences: Partial<HostSettings>): SshMachine {
		const machine = new SshMachine({
			address: 'DMA-01',
			route: [sshd.settings(differences)],
			wire: sshd.wire(),
		});
		cleanUp.push(() => machine.close());
		return machine;
	}

	async function aServer(): Promise<Sshd> {
		const sshd = await startSshd();
		cleanUp.push(() => sshd.stop());
		return sshd;
	}

	test('of the family of addresses is kept to', async () => {
		const sshd = await aServer();
		const known = join(sshd.folder, 'known_alias');
		await writeFile(known, `sshd ${sshd.hostKey.public}\n`);
		const byName = {hostName: 'localhost', hostKeyAlias: 'sshd', userKnownHostsFiles: [known]};
		await aMachine(sshd, {...byName, addressFamily: 'inet'}).stat('C:\\');
		await aMachine(sshd, {...byName, addressFamily: 'any'}).stat('C:\\');
		// The server listens on IPv4 only.
		await expect(aMachine(sshd, {...byName, addressFamily: 'inet6'}).stat('C:\\')).rejects.toThrow(
			UnreachableError,
		);
	});

	test('of the time for connecting is kept to', async () => {
		const port = await freePort();
		const sockets: Socket[] = [];
		const silent = createServer(socket => void sockets.push(socket.resume()));
		await new Promise<void>(resolve => silent.listen(port, '127.0.0.1', resolve));
		cleanUp.push(() => new Promise(resolve => silent.close(resolve)));
		const sshd = await aServer();
		const late = aMachine(sshd, {port, connectTimeoutSeconds: 0.2}).stat('C:\\');
		await expect(late).rejects.toThrow('its SSH server does not answer');
	});
});
