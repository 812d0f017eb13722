import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {HostKeyMismatchError, MachineError} from '../../../source/agent/machine-errors.ts';
import type {HostSettings} from '../../../source/transport/ssh/client-config/host-settings.ts';
import {SshNetwork, type SshNetworkOptions} from '../../../source/transport/ssh/network/ssh-network.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {eventually} from '../../support/eventually.ts';
import {ScriptedPerson} from '../../support/ssh-people.ts';
import {runSshProgram} from '../../support/ssh-programs.ts';
import {type Sshd, newKeyPair, sshdIsMissing, startSshd} from '../../support/sshd.ts';

describe.skipIf(sshdIsMissing())('the key of a real OpenSSH server', () => {
	let sshd: Sshd;
	let folder: string;
	let known: string;
	const machines: SshMachine[] = [];

	beforeAll(async () => {
		sshd = await startSshd({config: ['LogLevel DEBUG1']});
	});
	afterAll(() => sshd.stop());
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-trust-'));
		known = join(folder, 'ssh', 'known_hosts');
	});
	afterEach(async () => {
		await Promise.all(machines.splice(0).map(machine => machine.close()));
		await rm(folder, {recursive: true});
	});

	const name = () => `[127.0.0.1]:${sshd.port}`;

	function aMachine(
		settings: Partial<HostSettings> = {},
		network: SshNetworkOptions = {},
		hostKey?: string,
	): SshMachine {
		const machine = new SshMachine({
			address: 'DMA-01',
			route: [sshd.settings({userKnownHostsFiles: [known], ...settings})],
			wire: sshd.wire(),
			network: new SshNetwork(network),
			...(hostKey !== undefined && {hostKey}),
		});
		machines.push(machine);
		return machine;
	}

	async function knowing(...lines: string[]): Promise<string> {
		const file = join(folder, 'prepared');
		await writeFile(file, lines.map(line => `${line}\n`).join(''));
		return file;
	}

	async function logsIn(machine: SshMachine): Promise<void> {
		expect(await machine.stat('C:\\')).toMatchObject({folder: true});
	}

	/** Nobody logged in, and nobody tried to: the server saw no more than the handshake. */
	async function isRefused(machine: SshMachine, code: string): Promise<MachineError> {
		const before = sshd.log().length;
		const error: unknown = await machine.stat('C:\\').catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(MachineError);
		expect(error).toMatchObject({code, exitCode: 5});
		await eventually(() => /(?:closed|reset|disconnect).*\[preauth\]/i.test(sshd.log().slice(before)));
		await logsIn(aMachine({userKnownHostsFiles: [sshd.knownHosts]}));
		// All of them are of this other login: what is offered, a key, and its signature.
		expect(
			sshd
				.log()
				.slice(before)
				.match(/userauth-request/g),
		).toHaveLength(3);
		return error as MachineError;
	}

	test('is trusted where known_hosts has it, and nothing is written', async () => {
		const before = await readFile(sshd.knownHosts, 'utf8');
		await logsIn(aMachine({userKnownHostsFiles: [sshd.knownHosts]}));
		await logsIn(aMachine({userKnownHostsFiles: [], globalKnownHostsFiles: [sshd.knownHosts]}));
		expect(await readFile(sshd.knownHosts, 'utf8')).toBe(before);
	});

	test('is asked for once, shown, and remembered', async () => {
		const person = new ScriptedPerson({trusts: true});
		await logsIn(aMachine({}, {prompts: person}));
		expect(person.hostKeys).toEqual([
			{
				address: 'DMA-01',
				host: '127.0.0.1',
				port: sshd.port,
				keyType: 'ssh-ed25519',
				fingerprint: sshd.hostKey.fingerprint,
				otherNames: [],
			},
		]);
		expect(await readFile(known, 'utf8')).toBe(`${name()} ${sshd.hostKey.public}\n`);
		await logsIn(aMachine({}, {prompts: person}));
		expect(person.hostKeys).toHaveLength(1);
	});

	test('that is known under another name is said to be', async () => {
		const file = await knowing(`old-name ${sshd.hostKey.public}`);
		const person = new ScriptedPerson({trusts: true});
		await logsIn(aMachine({userKnownHostsFiles: [known, file]}, {prompts: person}));
		expect(person.hostKeys[0]?.otherNames).toEqual(['old-name']);
	});

	test('that somebody does not trust is refused, and not asked for a second time', async () => {
		const person = new ScriptedPerson();
		const machine = aMachine({}, {prompts: person});
		await isRefused(machine, 'HOST_KEY_UNKNOWN');
		await isRefused(machine, 'HOST_KEY_UNKNOWN');
		expect(person.hostKeys).toHaveLength(1);
	});

	test('that is unknown is refused where nobody can be asked', async () => {
		const refused = await isRefused(aMachine(), 'HOST_KEY_UNKNOWN');
		expect(refused.message).toContain(sshd.hostKey.fingerprint);
		await isRefused(
			aMachine({batchMode: true}, {prompts: new ScriptedPerson({trusts: true})}),
			'HOST_KEY_UNKNOWN',
		);
		const strict = {strictHostKeyChecking: 'yes'} as const;
		await isRefused(aMachine(strict, {prompts: new ScriptedPerson({trusts: true})}), 'HOST_KEY_UNKNOWN');
	});

	test('that is unknown is remembered without asking where that was allowed', async () => {
		await logsIn(aMachine({hashKnownHosts: true}, {acceptNewHostKeys: true}));
		const written = await readFile(known, 'utf8');
		expect(written).toMatch(/^\|1\|/);
		await logsIn(aMachine({strictHostKeyChecking: 'yes'}));

		const another = join(folder, 'another');
		await logsIn(aMachine({userKnownHostsFiles: [another], strictHostKeyChecking: 'accept-new'}));
		expect(await readFile(another, 'utf8')).toContain(name());
	});

	test('that changed is refused by everybody, whatever was allowed', async () => {
		const file = await knowing(`${name()} ${newKeyPair().public}`);
		const person = new ScriptedPerson({trusts: true});
		const settings = {userKnownHostsFiles: [file], strictHostKeyChecking: 'no'} as const;
		const refused = await isRefused(
			aMachine(settings, {prompts: person, acceptNewHostKeys: true}),
			'HOST_KEY_CHANGED',
		);
		expect(refused.message).toContain(`${file}:1`);
		expect(refused.nextSteps.join('\n')).toContain('ssh-keygen -R');
		expect(person.hostKeys).toEqual([]);
	});

	test('that is revoked is refused, also where it is known besides', async () => {
		const file = await knowing(`${name()} ${sshd.hostKey.public}`, `@revoked * ${sshd.hostKey.public}`);
		const person = new ScriptedPerson({trusts: true});
		await isRefused(aMachine({userKnownHostsFiles: [file]}, {prompts: person}), 'HOST_KEY_REVOKED');
		expect(person.hostKeys).toEqual([]);
	});

	test('that is signed by an authority is refused with the way out', async () => {
		const file = await knowing(`@cert-authority ${name()} ${newKeyPair().public}`);
		const refused = await isRefused(aMachine({userKnownHostsFiles: [file]}), 'HOST_KEY_AUTHORITY');
		expect(refused.nextSteps.join('\n')).toContain(sshd.hostKey.public);
	});

	test('is held against the fingerprint of the inventory, where that has one', async () => {
		await logsIn(aMachine({}, {}, sshd.hostKey.fingerprint));
		const other = newKeyPair().fingerprint;
		const machine = aMachine({userKnownHostsFiles: [sshd.knownHosts]}, {}, other);
		expect(await isRefused(machine, 'HOST_KEY_MISMATCH')).toBeInstanceOf(HostKeyMismatchError);
	});

	test('of the kind that is known is asked for first', async () => {
		const rsa = join(folder, 'rsa');
		runSshProgram('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa]);
		const two = await startSshd({config: [`HostKey ${rsa}`]});
		try {
			const line = (await readFile(`${rsa}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
			const file = await knowing(`[127.0.0.1]:${two.port} ${line}`);
			const machine = new SshMachine({
				address: 'DMA-01',
				route: [two.settings({userKnownHostsFiles: [file], strictHostKeyChecking: 'yes'})],
				wire: two.wire(),
			});
			machines.push(machine);
			await logsIn(machine);
		} finally {
			await two.stop();
		}
	});

	test('of many Agents that all are new is asked for one after the other', async () => {
		const servers = await Promise.all([startSshd(), startSshd(), startSshd()]);
		const person = new ScriptedPerson({trusts: true});
		const network = new SshNetwork({prompts: person});
		const many = servers.map((server, index) => {
			const route = [server.settings({userKnownHostsFiles: [known]})];
			return new SshMachine({address: `DMA-0${index}`, route, wire: server.wire(), network});
		});
		machines.push(...many);
		await Promise.all(many.map(logsIn));
		expect(person.hostKeys).toHaveLength(3);
		expect(person.mostAtOnce).toBe(1);
		expect((await readFile(known, 'utf8')).trim().split('\n')).toHaveLength(3);
		await Promise.all(servers.map(server => server.stop()));
	});
});
