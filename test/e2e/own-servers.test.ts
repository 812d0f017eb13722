import {execFile} from 'node:child_process';
import {chmod, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {type Lab, startLab} from '../../source/lab/lab.ts';
import {eventually} from '../support/eventually.ts';
import {type ProgramRun, runProgram} from '../support/run-program.ts';
import {type TemporaryUser, makeUser, usersCannotBeMade} from '../support/ssh-people.ts';
import {runSshProgram} from '../support/ssh-programs.ts';
import {type Sshd, sshdIsMissing} from '../support/sshd.ts';
import {startStandIn} from '../support/stand-in-server.ts';
import {TestTerminal, program} from '../support/terminal.ts';

/** The real program, a real terminal, and OpenSSH's own servers before simulated Agents. */
describe.skipIf(sshdIsMissing() || usersCannotBeMade())('servers of one’s own', () => {
	let folder: string;
	let lab: Lab;
	let user: TemporaryUser;
	let servers: Sshd[];
	let environment: Record<string, string>;
	let stops: (() => Promise<void>)[] = [];

	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
		lab = await startLab({agents: 2, pairs: 0, speed: 300, fillerBytes: 64 * 1024});
		user = makeUser();
		servers = [];
		stops = [];
		for (const agent of lab.agents) {
			const server = await startStandIn(agent, {
				files: 'agent',
				config: ['UsePAM yes', 'PasswordAuthentication yes'],
			});
			servers.push(server.sshd);
			stops.push(() => server.stop());
		}

		environment = {XDG_STATE_HOME: folder, SSH_AUTH_SOCK: ''};
	});

	afterEach(async () => {
		for (const pid of await runners()) {
			process.kill(pid, 'SIGKILL');
		}

		await Promise.all(stops.map(stop => stop()));
		await lab.stop();
		user.remove();
		await rm(folder, {recursive: true, force: true, maxRetries: 5});
	});

	const file = (name: string) => path.join(folder, name);

	/** A cluster file that says no more than names, and an SSH configuration that says the rest. */
	async function describeServers({known = false, lines = ['PubkeyAuthentication no']} = {}): Promise<void> {
		await writeFile(
			file('ssh_config'),
			[
				...servers.flatMap(({port}, index) => [
					`Host dma-${index + 1}`,
					' HostName 127.0.0.1',
					` Port ${port}`,
				]),
				'Host *',
				` User ${user.name}`,
				` UserKnownHostsFile ${file('known_hosts')}`,
				' GlobalKnownHostsFile none',
				...lines.map(line => ` ${line}`),
				'',
			].join('\n'),
		);
		const keys = servers.map(({port, hostKey}) => `[127.0.0.1]:${port} ${hostKey.public}\n`);
		await writeFile(file('known_hosts'), known ? keys.join('') : '');
		const agents = lab.inventory.agents.map(({name}, index) => ({name, address: `dma-${index + 1}`}));
		await writeFile(
			file('clusters.yaml'),
			clusterFileText([{cluster: 'Own', speed: 300, sshConfig: './ssh_config', agents}]),
		);
	}

	const flags = () => ['--config', file('clusters.yaml')];
	const run = (...args: string[]): Promise<ProgramRun> => runProgram([...args, ...flags()], {environment});

	function onTerminal(...args: string[]): TestTerminal {
		const terminal = new TestTerminal(process.execPath, [program, ...args, ...flags()], {
			environment,
			columns: 100,
			rows: 30,
		});
		onTestFinished(() => terminal.dispose());
		return terminal;
	}

	async function answerBoth(terminal: TestTerminal): Promise<void> {
		for (const time of [1, 2]) {
			await terminal.until(screen => screen.split(`Password of ${user.name}:`).length === time + 1);
			terminal.type(`${user.password}\r`);
		}
	}

	async function runners(): Promise<number[]> {
		const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
		const own = await Promise.all(
			pids.map(async pid => {
				const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
				const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
				const title = /dms-upgrade runner|\0runner\0/.test(line);
				return title && environ.includes(`XDG_STATE_HOME=${folder}`) ? [pid] : [];
			}),
		);
		return own.flat();
	}

	/** Where a secret could be found by somebody else: what the program wrote, and what the system shows of its processes. */
	async function everythingWritten(): Promise<string> {
		const written = await promisify(execFile)(
			'cat',
			[
				'--',
				...(await readdir(folder, {recursive: true, withFileTypes: true}))
					.filter(entry => entry.isFile())
					.map(entry => path.join(entry.parentPath, entry.name)),
			],
			{encoding: 'latin1', maxBuffer: 64 * 1024 * 1024},
		);
		const shown = await Promise.all(
			(await runners()).flatMap(pid =>
				['cmdline', 'environ'].map(name => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
			),
		);
		return [written.stdout, ...shown].join('\n');
	}

	test('without anybody to ask, unknown host keys are refused, unless they are to be accepted; changed ones always', async () => {
		await describeServers();
		const refused = await run('agents', '--json');
		expect(refused.exitCode).toBe(5);
		expect(refused.stdout).toContain('HOST_KEY_UNKNOWN');
		expect(refused.stdout).toContain('--accept-new-host-keys');
		expect(await readFile(file('known_hosts'), 'utf8')).toBe('');

		const accepted = await run('agents', '--json', '--accept-new-host-keys');
		expect(accepted.exitCode).toBe(5);
		expect(accepted.stdout).toContain('ACCESS_DENIED');
		expect(accepted.stdout).toContain('nobody could be asked');
		expect((await readFile(file('known_hosts'), 'utf8')).trim().split('\n').toSorted()).toEqual(
			servers.map(({port, hostKey}) => `[127.0.0.1]:${port} ${hostKey.public}`).toSorted(),
		);

		const [first, second] = servers;
		const revoked = `@revoked [127.0.0.1]:${second!.port} ${second!.hostKey.public}\n`;
		await writeFile(file('known_hosts'), `[127.0.0.1]:${first!.port} ${second!.hostKey.public}\n${revoked}`);
		const changed = await run('agents', '--json', '--accept-new-host-keys');
		expect(changed.exitCode).toBe(5);
		expect(changed.stdout).toContain('HOST_KEY_CHANGED');
		expect(changed.stdout).toContain('HOST_KEY_REVOKED');
		expect(changed.stdout).toContain(`${file('known_hosts')}:1`);
		expect(changed.stdout).toContain('ssh-keygen -R');
	});

	test('a command asks on the terminal, one question after the other, and shows no secret', async () => {
		await describeServers();
		const terminal = onTerminal('agents');
		for (const time of [1, 2]) {
			await terminal.until(screen => screen.split('Trust it and remember it? [y/N]').length === time + 1);
			terminal.type('y\r');
			await terminal.until(screen => screen.split(`Password of ${user.name}:`).length === time + 1);
			terminal.type(`${user.password}\r`);
		}

		await terminal.until(/DMA-02 +dma-2 +SSH +Running/);
		expect(await terminal.exit()).toBe(0);
		expect(terminal.raw).not.toContain(user.password);
		expect((await readFile(file('known_hosts'), 'utf8')).trim().split('\n')).toHaveLength(2);
	});

	test('whoever leaves a question with ctrl+c is asked no other, and is told what became of it', async () => {
		await describeServers({known: true});
		const terminal = onTerminal('agents');
		await terminal.until(`Password of ${user.name}:`);
		terminal.type('\u0003');
		expect(await terminal.exit()).toBe(5);
		expect(terminal.screen.split(`Password of ${user.name}:`)).toHaveLength(2);
		expect(terminal.raw).toMatch(/was asked for and\s+not given/);
	});

	test('the dashboard asks for host key and password, again where it was wrong, and not again where nobody answered', async () => {
		await describeServers();
		const terminal = onTerminal();
		await terminal.until('Trust this server?');
		// A word is needed, and not a key that somebody happens to press.
		terminal.type('y');
		await terminal.until(screen => screen.includes('confirm: y'));
		terminal.type('es\r');
		await terminal.until(/Password of dmsup/);
		terminal.type('wrong');
		await terminal.until('*****');
		terminal.type('\r');
		await terminal.until('That was not right.');
		terminal.type(`${user.password}\r`);
		await terminal.until(/DMA-0\d +Running/);
		await terminal.until('Trust this server?');
		terminal.type('\u001B');
		await terminal.until(/DMA-0\d +Disconnected/);
		expect(terminal.screen).not.toContain('Trust this server?');
		// Who asks for the Agents anew is asked anew.
		terminal.type('R');
		await terminal.until('Trust this server?');
		terminal.type('yes\r');
		await terminal.until(/Password of dmsup/);
		terminal.type(`${user.password}\r`);
		await terminal.until(screen => (screen.match(/DMA-0\d +Running/g) ?? []).length === 2);
		terminal.type('q');
		expect(await terminal.exit()).toBe(0);
		expect(terminal.inAlternateScreen).toBe(false);
		expect(terminal.raw).not.toContain(user.password);
	});

	test('a run goes on with the password after the terminal is gone, and it is found nowhere', async () => {
		await describeServers({known: true});
		const terminal = onTerminal('upgrade', lab.packages.full, '--yes', '--detach');
		await answerBoth(terminal);
		await terminal.until('goes on in its own process');
		expect(await terminal.exit()).toBe(0);
		await eventually(async () => (await runners()).length > 0);
		expect(await everythingWritten()).not.toContain(user.password);
		const logins = () => servers.map(server => server.log().split('Accepted password').length - 1);
		// The one before it and the runner.
		await eventually(() => logins().every(count => count >= 2));
		const {exitCode, stdout} = await runProgram(['attach', '--json'], {environment});
		expect(exitCode).toBe(0);
		expect(stdout.trim().split('\n').at(-1)).toContain('"outcome":"done"');
		expect(await everythingWritten()).not.toContain(user.password);
	});

	test('retry asks again for what a runner that died had in its memory', async () => {
		await describeServers({known: true});
		const begun = onTerminal('upgrade', lab.packages.full, '--yes', '--detach');
		await answerBoth(begun);
		expect(await begun.exit()).toBe(0);
		for (const pid of await runners()) {
			process.kill(pid, 'SIGKILL');
		}

		await eventually(async () => {
			const {stdout} = await runProgram(['runs', '--json'], {environment});
			return stdout.includes('interrupted');
		});
		const again = onTerminal('retry');
		await answerBoth(again);
		expect(await again.exit(60_000)).toBe(0);
		expect(await everythingWritten()).not.toContain(user.password);
	});

	test('one server is reached over the other', async () => {
		const [first, second] = servers;
		await describeServers({known: true, lines: [`IdentityFile ${file('key')}`]});
		runSshProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('key')]);
		const publicKey = await readFile(`${file('key')}.pub`, 'utf8');
		for (const server of servers) {
			await writeFile(path.join(server.folder, 'authorized_keys'), publicKey);
			await chmod(path.join(server.folder, 'authorized_keys'), 0o644);
		}

		const config = await readFile(file('ssh_config'), 'utf8');
		await writeFile(file('ssh_config'), `Host dma-2\n ProxyJump dma-1\n${config}`);
		expect(await run('agents')).toMatchObject({exitCode: 0, stderr: ''});
		// For itself, and for the other behind it.
		expect(first!.log().split('Accepted publickey')).toHaveLength(3);
		expect(second!.log()).toContain('Accepted publickey');
	});

	test('a passphrase is asked for once, however many Agents know the key', async () => {
		const key = file('key');
		const passphrase = 'correct horse';
		runSshProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', key]);
		const publicKey = await readFile(`${key}.pub`, 'utf8');
		for (const server of servers) {
			await writeFile(path.join(server.folder, 'authorized_keys'), publicKey);
			// Anybody who is to be let in has to be able to read which keys are.
			await chmod(path.join(server.folder, 'authorized_keys'), 0o644);
		}

		await describeServers({known: true, lines: [`IdentityFile ${key}`]});
		const terminal = onTerminal('upgrade', lab.packages.full, '--yes');
		await terminal.until(`Passphrase of ${key}:`);
		terminal.type(`${passphrase}\r`);
		expect(await terminal.exit(60_000)).toBe(0);
		expect(terminal.raw.split('Passphrase of')).toHaveLength(2);
		expect(await everythingWritten()).not.toContain(passphrase);
	});
});
