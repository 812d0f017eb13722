import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {webApiLogin} from '../../source/lab/web-api-site.ts';
import {aLab} from '../support/a-lab.ts';
import {runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

interface Reached {
	readonly address: string;
	readonly port: number;
	readonly user: string;
	readonly identityFile: string;
}

/** An SSH configuration by which the Agents of a lab are reached, as servers are by one's own. */
async function anSshConfig(folder: string, agents: readonly Reached[]): Promise<string> {
	const file = path.join(folder, 'ssh_config');
	const hosts = agents.map(
		({address, port, user, identityFile}) =>
			`Host ${address}\n  Port ${port}\n  User ${user}\n  IdentityFile ${identityFile}\n`,
	);
	await writeFile(file, `UserKnownHostsFile ${folder}/known_hosts\n${hosts.join('')}`, {mode: 0o600});
	return file;
}

test.skipIf(process.platform !== 'linux')(
	'a password that is typed for the web API is never seen, and what it brings is a cluster to work with',
	async () => {
		const lab = await aLab({agents: 3, pairs: 0, webApi: ['DMA-02']});
		const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
		onTestFinished(() => rm(folder, {recursive: true}));
		const environment = {XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder};
		const file = path.join(folder, 'dms-upgrade', 'clusters.yaml');
		const {address, webApi} = lab.agents[1]!;
		const url = `http://${webApiLogin.login}@${address}:${webApi!.port}`;
		const answer = async (password: string) => {
			const args = ['agents', '--discover-web', url, '--write'];
			const terminal = new TestTerminal(process.execPath, [program, ...args], {environment});
			onTestFinished(() => terminal.kill('SIGKILL'));
			await terminal.until('Password of the DataMiner user Administrator: ');
			terminal.type(`${password}\r`);
			const exitCode = await terminal.exit();
			expect(terminal.raw).not.toContain(password);
			return {exitCode, screen: terminal.screen};
		};
		const wrong = await answer('guessed-wrongly');
		expect(wrong.exitCode).toBe(5);
		expect(wrong.screen.replaceAll('\n', '')).toContain(
			`DataMiner on ${address} refused: Authentication failed`,
		);
		const right = await answer(webApiLogin.password);
		expect(right.exitCode).toBe(0);
		expect(right.screen).toContain('Practice with 3 Agents stands in');

		const written = await readFile(file, 'utf8');
		expect(written).toContain(`# ${address} is DMA-02, by its address.`);
		expect(written).not.toContain(webApiLogin.password);
		const sshConfig = await anSshConfig(folder, lab.inventory.agents);
		await writeFile(file, written.replace('    agents:', `    sshConfig: ${sshConfig}\n    agents:`));
		const agents = await runProgram(['agents', '--accept-new-host-keys'], {environment});
		expect(agents).toMatchObject({exitCode: 0, stderr: ''});
		expect(agents.stdout.match(/ SSH +Running /g)).toHaveLength(3);

		// Nobody is there to be asked, and nothing else is read for a password.
		const headless = await runProgram(['agents', '--discover-web', url, '--json'], {environment});
		expect(headless).toMatchObject({exitCode: 5, stdout: ''});
		expect(JSON.parse(headless.stderr)).toMatchObject({code: 'PASSWORD_MISSING'});
	},
);
