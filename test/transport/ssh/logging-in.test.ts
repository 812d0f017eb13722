import {chmod, copyFile, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {AccessDeniedError} from '../../../source/agent/machine-errors.ts';
import type {HostSettings} from '../../../source/transport/ssh/client-config/host-settings.ts';
import {LoginCancelledError} from '../../../source/transport/ssh/login/login-errors.ts';
import {SshNetwork} from '../../../source/transport/ssh/network/ssh-network.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {eventually} from '../../support/eventually.ts';
import {
	ScriptedPerson,
	type TemporaryUser,
	everythingOf,
	makeUser,
	usersCannotBeMade,
} from '../../support/ssh-people.ts';
import {
	type SshAgent,
	runSshProgram,
	sshProgramsAreMissing,
	startSshAgent,
} from '../../support/ssh-programs.ts';
import {type Sshd, identityFile, sshdIsMissing, startSshd} from '../../support/sshd.ts';
import {startTcpProxy} from '../../support/tcp-proxy.ts';

const passphrase = 'a pass phrase';

const keys = [
	['ed25519', ['-t', 'ed25519']],
	['ECDSA', ['-t', 'ecdsa', '-b', '384']],
	['RSA', ['-t', 'rsa', '-b', '2048']],
	['ECDSA in PEM', ['-t', 'ecdsa', '-m', 'PEM']],
	['RSA in PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
	['ECDSA in PKCS#8', ['-t', 'ecdsa', '-m', 'PKCS8']],
	['RSA in PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
] as const;

let folder: string;
const fileOf = (name: string, locked = false) =>
	join(folder, `${name.replaceAll(/\W/g, '-')}${locked ? '-locked' : ''}`);

function makeKey(name: string, args: readonly string[], locked = false): string {
	const file = fileOf(name, locked);
	const {exitCode, stderr} = runSshProgram('ssh-keygen', [
		'-q',
		...args,
		'-N',
		locked ? passphrase : '',
		'-C',
		name,
		'-f',
		file,
	]);
	if (exitCode !== 0) {
		throw new Error(stderr);
	}

	return file;
}

const machines: SshMachine[] = [];

function aMachine(sshd: Sshd, settings: Partial<HostSettings>, person?: ScriptedPerson): SshMachine {
	const network = new SshNetwork(person ? {prompts: person} : {});
	const machine = new SshMachine({
		address: 'DMA-01',
		route: [sshd.settings(settings)],
		wire: sshd.wire(),
		network,
	});
	machines.push(machine);
	return machine;
}

async function logsIn(machine: SshMachine): Promise<void> {
	expect(await machine.stat('C:\\')).toMatchObject({folder: true});
}

async function refusalOf(machine: SshMachine): Promise<AccessDeniedError> {
	const error: unknown = await machine.stat('C:\\').then(
		() => undefined,
		(caught: unknown) => caught,
	);
	expect(error).toBeInstanceOf(AccessDeniedError);
	return error as AccessDeniedError;
}

afterEach(async () => {
	await Promise.all(machines.splice(0).map(machine => machine.close()));
});

describe.skipIf(sshdIsMissing() || sshProgramsAreMissing())('logging in with a key', () => {
	let sshd: Sshd;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-keys-'));
		const files = keys.flatMap(([name, args]) => [makeKey(name, args), makeKey(name, args, true)]);
		const lettingIn = await Promise.all(files.map(file => readFile(`${file}.pub`, 'utf8')));
		sshd = await startSshd({lettingIn: lettingIn.map(line => line.trim()), config: ['MaxAuthTries 4']});
		makeKey('stranger', ['-t', 'ed25519']);
	});
	afterAll(async () => {
		await sshd.stop();
		await rm(folder, {recursive: true});
	});

	const withKeys = (...files: string[]): Partial<HostSettings> => ({identityFiles: files.map(identityFile)});

	test.each(keys)('works with %s', async name => {
		await logsIn(aMachine(sshd, withKeys(fileOf(name))));
	});

	test.each(keys)('works with %s behind a passphrase, which is asked for once', async name => {
		const person = new ScriptedPerson({answers: () => passphrase});
		const machine = aMachine(sshd, withKeys(fileOf(name, true)), person);
		await logsIn(machine);
		expect(person.secrets).toMatchObject([{kind: 'passphrase', echo: false, again: false}]);
		expect(person.secrets[0]?.text).toContain(fileOf(name, true));
	});

	test('asks for a passphrase again, and three times at most', async () => {
		const answers = ['wrong', passphrase];
		const person = new ScriptedPerson({answers: () => answers.shift()});
		await logsIn(aMachine(sshd, withKeys(fileOf('ed25519', true)), person));
		expect(person.secrets.map(({again}) => again)).toEqual([false, true]);

		const forgetful = new ScriptedPerson({answers: () => 'wrong'});
		const refused = await refusalOf(aMachine(sshd, withKeys(fileOf('ed25519', true)), forgetful));
		expect(forgetful.secrets).toHaveLength(3);
		expect(refused.message).toContain('was wrong 3 times');
	});

	test('does not ask for the passphrase of a key that the server would not take anyway', async () => {
		makeKey('locked stranger', ['-t', 'ed25519'], true);
		const person = new ScriptedPerson({answers: () => passphrase});
		await logsIn(aMachine(sshd, withKeys(fileOf('locked stranger', true), fileOf('ed25519')), person));
		expect(person.secrets).toEqual([]);
	});

	test('finds the public half of an old key beside it, and does without', async () => {
		const alone = join(folder, 'alone');
		await copyFile(fileOf('RSA in PEM', true), alone);
		await chmod(alone, 0o600);
		const person = new ScriptedPerson({answers: () => passphrase});
		await logsIn(aMachine(sshd, withKeys(alone), person));
		expect(person.secrets).toHaveLength(1);
	});

	test('unlocks a key once for many Agents, whose questions come one after the other', async () => {
		const person = new ScriptedPerson({answers: () => passphrase});
		const network = new SshNetwork({prompts: person});
		const many = Array.from({length: 5}, (_, index) => {
			const route = [sshd.settings(withKeys(fileOf('ed25519', true)))];
			const machine = new SshMachine({address: `DMA-${index}`, route, wire: sshd.wire(), network});
			machines.push(machine);
			return machine;
		});
		await Promise.all(many.map(logsIn));
		expect(person.secrets).toHaveLength(1);
		expect(person.mostAtOnce).toBe(1);
	});

	test('without anybody to ask says which key needs a passphrase', async () => {
		const refused = await refusalOf(aMachine(sshd, withKeys(fileOf('ed25519', true))));
		expect(refused.message).toContain(fileOf('ed25519', true));
		expect(refused.message).toContain('has a passphrase, and nobody could be asked for it');
	});

	test('in vain says what was tried and what the server takes', async () => {
		const machine = aMachine(sshd, withKeys(fileOf('stranger'), join(folder, 'none')));
		const refused = await refusalOf(machine);
		expect(refused.code).toBe('ACCESS_DENIED');
		expect(refused.exitCode).toBe(5);
		expect(refused.message).toContain(`tried key ${fileOf('stranger')}`);
		expect(refused.message).toContain(`${join(folder, 'none')} does not exist`);
		expect(refused.message).toContain('the server takes publickey');
		expect(refused.nextSteps.join('\n')).toContain('administrators_authorized_keys');
	});

	test('with too many keys says how to name the right one', async () => {
		const strangers = Array.from({length: 5}, (_, index) => makeKey(`stranger ${index}`, ['-t', 'ed25519']));
		const refused = await refusalOf(aMachine(sshd, withKeys(...strangers, fileOf('ed25519'))));
		expect(refused.message).toContain('more than the server allows');
		expect(refused.nextSteps[0]).toContain('IdentitiesOnly yes');
	});

	describe('of an ssh-agent', () => {
		let agent: SshAgent;

		beforeAll(async () => {
			agent = await startSshAgent(folder);
		});
		afterAll(() => agent.stop());

		test.each(['ed25519', 'ECDSA', 'RSA'])('works with %s', async name => {
			const own = await startSshAgent(await mkdtemp(join(folder, 'agent-')));
			own.add(fileOf(name));
			await logsIn(aMachine(sshd, {identityFiles: [], agentSocket: own.socket}));
			await own.stop();
		});

		test('asks only for those of the identity files where the configuration wants that', async () => {
			agent.add(fileOf('ed25519'));
			agent.add(fileOf('stranger'));
			const only = {agentSocket: agent.socket, identitiesOnly: true};
			// The private half is in the agent only.
			const halves = withKeys(`${fileOf('ed25519')}.pub`);
			await logsIn(aMachine(sshd, {...only, ...halves}));
			const refused = await refusalOf(aMachine(sshd, {...only, ...withKeys(`${fileOf('stranger')}.pub`)}));
			expect(refused.message).toMatch(/tried key SHA256:\S+ of the ssh-agent/);
			expect(refused.message.match(/ssh-agent/g)).toHaveLength(1);
		});

		test('that does not want to sign is left behind', async () => {
			const own = await startSshAgent(await mkdtemp(join(folder, 'agent-')));
			own.add(fileOf('RSA'), {confirm: true});
			const person = {agentSocket: own.socket, ...withKeys(fileOf('ed25519'))};
			await logsIn(aMachine(sshd, person));
			const refused = await refusalOf(aMachine(sshd, {agentSocket: own.socket, identityFiles: []}));
			expect(refused.message).toMatch(/tried key SHA256:\S+ of the ssh-agent/);
			await own.stop();
		});

		test('that is gone is left out, and said where nothing else helps', async () => {
			const gone = {agentSocket: join(folder, 'no-agent')};
			await logsIn(aMachine(sshd, {...gone, ...withKeys(fileOf('ed25519'))}));
			const refused = await refusalOf(aMachine(sshd, {...gone, identityFiles: []}));
			expect(refused.message).toContain(`the ssh-agent at ${gone.agentSocket} does not answer`);
		});
	});
});

describe.skipIf(sshdIsMissing() || usersCannotBeMade())('logging in with a password', () => {
	let user: TemporaryUser;
	let byPassword: Sshd;
	let byQuestions: Sshd;

	beforeAll(async () => {
		user = makeUser();
		byPassword = await startSshd({config: ['UsePAM yes', 'PasswordAuthentication yes']});
		byQuestions = await startSshd({config: ['UsePAM yes', 'KbdInteractiveAuthentication yes']});
	});
	afterAll(async () => {
		await byPassword.stop();
		await byQuestions.stop();
		user.remove();
	});

	const asUser = (): Partial<HostSettings> => ({user: user.name, identityFiles: []});

	test.each([
		['as such', () => byPassword, 'password'],
		['as the answer to a question', () => byQuestions, 'keyboard-interactive'],
	] as const)('%s works, and is asked for once, also after the connection was lost', async (_, at, kind) => {
		const person = new ScriptedPerson({answers: () => user.password});
		const machine = aMachine(at(), asUser(), person);
		await logsIn(machine);
		await at().kill();
		await at().restart();
		await machine.stat('C:\\').catch(() => undefined);
		await logsIn(machine);
		expect(person.secrets).toMatchObject([{kind, user: user.name, echo: false, again: false}]);
	});

	test.each([
		['password', () => byPassword],
		['keyboard-interactive', () => byQuestions],
	] as const)('that is wrong is forgotten and asked for again (%s)', async (kind, at) => {
		const answers = ['wrong', user.password];
		const person = new ScriptedPerson({answers: () => answers.shift()});
		await logsIn(aMachine(at(), asUser(), person));
		expect(person.secrets).toMatchObject([
			{kind, again: false},
			{kind, again: true},
		]);
	});

	test('that is wrong is nowhere in the error', async () => {
		const secret = 'wrong-but-secret';
		const person = new ScriptedPerson({answers: () => secret});
		const machine = aMachine(byPassword, asUser(), person);
		const refused = await refusalOf(machine);
		expect(person.secrets).toHaveLength(3);
		expect(refused.message).toContain('tried a password');
		expect(everythingOf(refused)).not.toContain(secret);
		expect(everythingOf(machine)).not.toContain(secret);
	});

	test('is not asked for a second time when somebody did not want to give it', async () => {
		const person = new ScriptedPerson();
		const network = new SshNetwork({prompts: person});
		const route = [byPassword.settings(asUser())];
		const machine = new SshMachine({address: 'DMA-01', route, wire: byPassword.wire(), network});
		machines.push(machine);
		expect(await refusalOf(machine)).toBeInstanceOf(LoginCancelledError);
		expect(await refusalOf(machine)).toBeInstanceOf(LoginCancelledError);
		expect(person.secrets).toHaveLength(1);
		network.askAgain();
		await refusalOf(machine);
		expect(person.secrets).toHaveLength(2);
	});

	test('without anybody to ask says so', async () => {
		const refused = await refusalOf(aMachine(byPassword, asUser()));
		expect(refused.message).toContain('a password: nobody could be asked');
		expect(refused.nextSteps).toContain('Connect from a terminal, where the password can be asked for.');
	});

	test('in batch mode asks nobody', async () => {
		const person = new ScriptedPerson({answers: () => user.password});
		await refusalOf(aMachine(byPassword, {...asUser(), batchMode: true}, person));
		expect(person.secrets).toEqual([]);
	});

	test('and a key, where the server wants both', async () => {
		const {publicKey, file} = await (async () => {
			const made = await mkdtemp(join(tmpdir(), 'dms-upgrade-both-'));
			const path = join(made, 'key');
			runSshProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
			return {publicKey: await readFile(`${path}.pub`, 'utf8'), file: path};
		})();
		const both = await startSshd({
			config: ['UsePAM yes', 'PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
			lettingIn: [publicKey.trim()],
		});
		try {
			// Anybody who is to be let in has to be able to read which keys are.
			await chmod(join(both.folder, 'authorized_keys'), 0o644);
			const person = new ScriptedPerson({answers: () => user.password});
			await logsIn(aMachine(both, {...asUser(), identityFiles: [identityFile(file)]}, person));
			expect(person.secrets).toHaveLength(1);
		} finally {
			await both.stop();
			await rm(join(file, '..'), {recursive: true});
		}
	});

	test('that the server did not wait for is used when the login is begun anew', async () => {
		const proxy = await startTcpProxy(byPassword.port);
		const settings = {...asUser(), port: proxy.port, hostKeyAlias: 'sshd'};
		const known = join(byPassword.folder, 'known_alias');
		await writeFile(known, `sshd ${byPassword.hostKey.public}\n`);
		const person = new ScriptedPerson({
			async answers() {
				// As at the end of LoginGraceTime.
				proxy.cut();
				await eventually(() => /Connection (?:closed|reset) by .*\[preauth\]/.test(byPassword.log()));
				return user.password;
			},
		});
		await logsIn(aMachine(byPassword, {...settings, userKnownHostsFiles: [known]}, person));
		expect(person.secrets).toHaveLength(1);
		await Promise.all(machines.splice(0).map(machine => machine.close()));
		await proxy.stop();
	});
});
