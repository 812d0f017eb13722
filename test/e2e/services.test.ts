import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import type {Inventory} from '../../source/config/inventory.ts';
import {type Lab, startLab} from '../../source/lab/lab.ts';
import {runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

/** The real program, a real terminal, and Agents of which every second one is reached by the service on it. */
describe('a cluster that is reached over SSH and over HTTPS', () => {
	let folder: string;
	let lab: Lab;
	let environment: Record<string, string>;
	let token: string;
	const knownServices = () => path.join(folder, 'dms-upgrade', 'services.json');

	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
		lab = await startLab({
			agents: 2,
			pairs: 0,
			speed: 300,
			fillerBytes: 64 * 1024,
			http: {agents: 'half', serve: serveOnLabAgent},
		});
		environment = {XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder};
		token = (await readFile(lab.inventory.agents[0]!.tokenFile!, 'utf8')).trim();
	});

	afterEach(async () => {
		await lab.stop();
		await rm(folder, {recursive: true, force: true, maxRetries: 5});
	});

	/** An inventory in which neither certificate nor token stands. */
	async function inventory(): Promise<string[]> {
		const file = path.join(folder, 'inventory.json');
		const agents = lab.inventory.agents.map(agent => ({
			...agent,
			tokenFile: undefined,
			...(agent.service && {service: {...agent.service, certificate: undefined}}),
		}));
		await writeFile(file, JSON.stringify({...lab.inventory, agents} satisfies Inventory));
		return ['--config', file];
	}

	test('nobody can be asked without a terminal: what is missing is said, and a changed certificate is refused', async () => {
		const args = await inventory();
		const failure = async (...more: string[]) => {
			const {exitCode, stdout} = await runProgram(['agents', '--json', ...args, ...more], {environment});
			expect(exitCode).toBe(5);
			const {agents} = JSON.parse(stdout) as {agents: {failure: {code: string; nextSteps: string[]}}[]};
			return agents[0]!.failure;
		};
		expect((await failure()).code).toBe('CERTIFICATE_UNKNOWN');
		const missing = await failure('--accept-new-host-keys');
		expect(missing.code).toBe('TOKEN_MISSING');
		expect(missing.nextSteps.join(' ')).toContain('tokenFile');

		const accepted = await readFile(knownServices(), 'utf8');
		await writeFile(knownServices(), accepted.replace(/(?:[\dA-F]{2}:){31}/, 'AA:'.repeat(31)));
		const changed = await failure('--accept-new-host-keys');
		expect(changed.code).toBe('CERTIFICATE_CHANGED');
		expect(changed.nextSteps.join(' ')).toContain(knownServices());
	});

	test('a command asks for the token on the terminal, and shows nothing of it', async () => {
		const terminal = new TestTerminal(process.execPath, [program, 'agents', ...(await inventory())], {
			environment,
			columns: 100,
		});
		onTestFinished(() => terminal.dispose());
		await terminal.until('Trust it and remember it? [y/N]');
		terminal.type('y\r');
		await terminal.until('Token for the service of dms-upgrade');
		terminal.type('dmsu_0123456789012345678901\r');
		await terminal.until('there is no such token');
		terminal.type(`${token}\r`);
		await terminal.until(/DMA-01 +127.10.0.11 +HTTPS +Running/);
		expect(await terminal.exit()).toBe(0);
		expect(terminal.raw).not.toContain(token);
	});

	test('the dashboard asks, shows both ways, and upgrades; the run goes on with the token when it is left', async () => {
		const args = await inventory();
		const terminal = new TestTerminal(process.execPath, [program, ...args], {
			environment: {...environment, NO_COLOR: '1'},
		});
		onTestFinished(() => terminal.dispose());
		await terminal.until('Trust this server?');
		expect(terminal.screen).toContain(lab.inventory.agents[0]!.service!.certificate!.slice(0, 47));
		terminal.type('yes\r');
		await terminal.until('Token for the service');
		terminal.type(`${token}\r`);
		await terminal.until(screen => (screen.match(/DMA-0\d +Running/g) ?? []).length === 2);
		await terminal.until(/Reached +over HTTPS/);
		terminal.resize(120, 40);
		await terminal.until(/DMA-02 +Running .* SSH/);
		expect(terminal.screen).toMatch(/DMA-01 +Running .* HTTPS/);
		terminal.type('j');
		await terminal.until(/Reached +over SSH as Administrator/);

		terminal.type('u');
		await terminal.until('UPGRADE PACKAGE');
		terminal.type('\r');
		await terminal.until(/✓ 10\.6\.0 \(16840\)/);
		terminal.type('G');
		await terminal.until(/2 of 2 Agents are ready/);
		terminal.type('U');
		await terminal.until('Acknowledge and go on');
		terminal.type('y');
		await terminal.until('Type Practice to confirm');
		terminal.type('Practice\r');
		await terminal.until(/DMA-01 .*(?:uploaded|testing|upgrading)/);
		terminal.type('1');
		await terminal.until('AGENT INFO');
		terminal.type('q');
		await terminal.until('The run goes on in a process of its own.');
		terminal.type('y');
		expect(await terminal.exit()).toBe(0);
		expect(terminal.inAlternateScreen).toBe(false);
		expect(terminal.screen).toContain('goes on in its own process');
		expect(terminal.raw).not.toContain(token);

		const {exitCode, stdout} = await runProgram(['attach', '--json'], {environment});
		expect(exitCode).toBe(0);
		expect(stdout.trim().split('\n').at(-1)).toContain('"outcome":"done"');
		expect(await everythingWritten()).not.toContain(token);
	});

	async function everythingWritten(): Promise<string> {
		const files = (await readdir(folder, {recursive: true, withFileTypes: true})).filter(entry =>
			entry.isFile(),
		);
		const texts = await Promise.all(
			files.map(({parentPath, name}) => readFile(path.join(parentPath, name), 'latin1')),
		);
		return texts.join('\n');
	}
});
