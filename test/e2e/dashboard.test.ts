import {readFileSync, readdirSync} from 'node:fs';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {LabEvent, LabEventName} from '../../source/lab/events.ts';
import {eventually} from '../support/eventually.ts';
import {TestTerminal, program} from '../support/terminal.ts';

const keys = {
	up: '\u001B[A',
	down: '\u001B[B',
	escape: '\u001B',
	enter: '\r',
	tab: '\t',
	shiftTab: '\u001B[Z',
	pageDown: '\u001B[6~',
	controlC: '\u0003',
};
const everyone = ['DMA-01', 'DMA-02', 'DMA-03', 'DMA-04A', 'DMA-04B'];

let temporary: string;
let terminal: TestTerminal;

beforeEach(async () => {
	temporary = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
});

afterEach(async () => {
	await terminal.dispose();
	await rm(temporary, {recursive: true, force: true, maxRetries: 5});
});

interface Opened {
	readonly args?: readonly string[];
	readonly columns?: number;
	readonly rows?: number;
	readonly environment?: Record<string, string | undefined>;
}

/** What writes into its own folder only; the lab may write its compile cache after the folder is gone. */
function ownTemporary(): Record<string, string> {
	return {TMPDIR: temporary, TEMP: temporary, TMP: temporary, NODE_DISABLE_COMPILE_CACHE: '1'};
}

/** The dashboard on a lab of its own, with everything temporary in a folder of this test. */
async function open({args = [], environment = {}, ...size}: Opened = {}): Promise<TestTerminal> {
	await mkdir(temporary, {recursive: true});
	terminal = new TestTerminal(process.execPath, [program, '--lab=5', '--speed=300', ...args], {
		...size,
		environment: {...ownTemporary(), ...environment},
	});
	await terminal.until(screen =>
		everyone.every(name => new RegExp(`${name}\\s+(?:Running|Disconnected)`).test(screen)),
	);
	return terminal;
}

function labFolder(): string {
	const [folder] = readdirSync(temporary).filter(name => name.startsWith('dms-upgrade-lab-'));
	if (folder === undefined) {
		throw new Error('the lab has no folder');
	}

	return path.join(temporary, folder);
}

function agentFile(agent: string, file: string): string {
	return readFileSync(path.join(labFolder(), agent, 'C', 'Skyline DataMiner', file), 'utf8');
}

function agentsWhere(event: LabEventName): string[] {
	return readFileSync(path.join(labFolder(), 'lab-events.ndjson'), 'utf8')
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as LabEvent)
		.filter(found => found.event === event)
		.map(({agent}) => agent);
}

/** Presses a key until the cursor stands on a row that fits. */
async function moveTo(row: RegExp, key = keys.down): Promise<void> {
	for (let press = 0; press < 60; press++) {
		if (terminal.marked.some(line => row.test(line))) {
			return;
		}

		const before = terminal.marked.join('\n');
		terminal.type(key);
		await terminal.until(() => terminal.marked.join('\n') !== before);
	}

	throw new Error(`the cursor never reached ${row.source}:\n${terminal.screen}`);
}

/** Lets the package stay within the major that runs; only there may one Agent of a pair be upgraded before the other. */
async function withinOneMajor(): Promise<string> {
	const file = path.join(temporary, 'software.json');
	const software = everyone.map(name => [
		name,
		{version: '10.6.0.0-16700-20260212-rc', files: {'MaintenanceSettings.xml': null}},
	]);
	await writeFile(file, JSON.stringify(Object.fromEntries(software)));
	return file;
}

async function leave(): Promise<void> {
	terminal.type('1');
	await terminal.until('AGENT INFO');
	terminal.type('q');
	expect(await terminal.exit()).toBe(0);
	expect(terminal.inAlternateScreen).toBe(false);
	expect(terminal.raw).toContain('\u001B[?25h');
	expect(terminal.raw.lastIndexOf('\u001B[?2004l')).toBeGreaterThan(
		terminal.raw.lastIndexOf('\u001B[?2004h'),
	);
	expect(readdirSync(temporary).filter(name => name.startsWith('dms-upgrade-'))).toEqual([]);
}

describe('by keys alone', () => {
	test('a cluster is upgraded: package, all Agents, an option, a policy, the plan, the start, every Agent, the end', async () => {
		await open({args: ['--software', await withinOneMajor()]});
		terminal.type('u');
		await terminal.until('UPGRADE PACKAGE');
		terminal.type(keys.enter);
		await terminal.until(/✓ 10\.6\.0 \(16840\) · full upgrade · restarts DataMiner · 5/);

		await moveTo(/ADVANCED UPGRADE OPTIONS/);
		terminal.type(keys.enter);
		await terminal.until('Delayed start');
		await moveTo(/Delayed start/);
		terminal.type(' ');
		await terminal.until(/\[ \] Delayed start/);

		await moveTo(/ADVANCED FAILOVER OPTIONS/);
		terminal.type(keys.enter);
		await moveTo(/Upgrade backup Agent first, switch over and upgrade main/);
		terminal.type(' ');
		await terminal.until(/\(●\) Upgrade backup Agent first, switch over and/);

		terminal.type('G');
		await terminal.until(/▲ 5 of 5 Agents are ready · 2 warnings to acknowledge/);
		terminal.type('U');
		await terminal.until(/DMA-04A, DMA-04B: Failover policy: The policy is BackupFirst/);
		terminal.type('y');
		await terminal.until('Type Practice to confirm');
		terminal.type(`Practice${keys.enter}`);

		await terminal.until('Overview');
		await terminal.until('wave 1 of 2');
		await terminal.until('wave 2 of 2');
		await terminal.until('✓ Done', 55_000);
		expect(everyone.filter(name => !new RegExp(`${name}\\s+✓ done`).test(terminal.screen))).toEqual([]);

		for (const agent of everyone) {
			expect(agentFile(agent, 'Upgrades/VersionHistory.txt')).toMatch(/;10\.6\.0\.0-16840-\d{8}-release\s*$/);
		}

		expect(agentsWhere('upgrade-started')[0]).toBe('DMA-04B');
		expect(agentsWhere('upgrade-started').toSorted()).toEqual(everyone);
		await leave();
	}, 120_000);

	test('a prerequisite that fails on the offline Agent of a pair leaves every Agent untouched', async () => {
		await open({args: ['--fault', 'prerequisite-fails@DMA-04B']});
		const before = everyone.map(agent => agentFile(agent, 'Upgrades/VersionHistory.txt'));
		terminal.type('u');
		await terminal.until('UPGRADE PACKAGE');
		terminal.type(keys.enter);
		await terminal.until(/✓ 10\.6\.0 \(16840\)/);
		terminal.type('G');
		await terminal.until(/▲ 5 of 5 Agents are ready/);
		terminal.type('U');
		await terminal.until('take responsibility?');
		terminal.type('y');
		await terminal.until('Type Practice to confirm');
		terminal.type(`Practice${keys.enter}`);
		await terminal.until('Blocked');
		await terminal.until(/DMA-04B\s+✗ failed/);
		expect(everyone.map(agent => agentFile(agent, 'Upgrades/VersionHistory.txt'))).toEqual(before);
		expect(agentsWhere('upgrade-started')).toEqual([]);
		expect(agentsWhere('service-stopped')).toEqual([]);
		expect(agentsWhere('prerequisite-run')).toContain('DMA-04B');
		await leave();
	}, 120_000);
});

test('an Agent that is not ready lets nothing start, and enter says what to do about it', async () => {
	const software = path.join(temporary, 'software.json');
	await writeFile(software, JSON.stringify({'DMA-02': {fips: true}}));
	await open({args: ['--software', software]});
	terminal.type('u');
	await terminal.until('UPGRADE PACKAGE');
	terminal.type(keys.enter);
	await terminal.until(/✓ 10\.6\.0 \(16840\)/);
	terminal.type('G');
	await terminal.until(/✗ 4 of 5 Agents are ready · nothing may start/);
	terminal.type('U');
	await terminal.until('Not ready. DMA-02: FIPS policy of Windows');
	terminal.type(keys.shiftTab + keys.shiftTab);
	await terminal.until(() => terminal.marked.some(line => /DMA-02 .*FIPS policy/.test(line)));
	terminal.type(keys.enter);
	await terminal.until(/→ Switch "Use FIPS compliant algorithms" off\.[\s\S]*Source: /);
	terminal.type(keys.enter);
	await terminal.until(screen => !screen.includes('Source: '));
	expect(agentsWhere('upgrade-started')).toEqual([]);
	await leave();
}, 60_000);

describe('the terminal', () => {
	test.each<[string, Opened]>([
		['80×24', {}],
		['120×40', {columns: 120, rows: 40}],
		['without colours', {environment: {NO_COLOR: '1'}}],
		['with ASCII only', {args: ['--ascii']}],
	])(
		'%s: the frame fills the window, ends with the footer, and the terminal is left as it was found',
		async (_, options) => {
			await open(options);
			terminal.type('?');
			await terminal.until(screen => screen.includes('Help') && /close\s*$/.test(screen));
			terminal.type('?');
			await terminal.until(screen => !screen.includes('Help') && /\? help {2}q leave\s*$/.test(screen));
			if (options.environment) {
				expect(terminal.raw).not.toMatch(/\u001B\[(?:3\d|4\d|9\d|10\d)m/);
				expect(terminal.raw).toContain('\u001B[1m');
			}

			if (options.args) {
				expect(terminal.screen).toMatch(/^[\x20-\x7E\n]*$/);
			}

			await leave();
		},
	);

	test('it follows the window, and says so when that is too small', async () => {
		await open();
		terminal.resize(60, 20);
		await terminal.until(/80.{1,3}24/);
		terminal.resize(120, 40);
		await terminal.until(
			screen => screen.includes('10.5.12 [CU2] (16797)') && /\? help {2}q leave\s*$/.test(screen),
		);
		terminal.resize(80, 24);
		await terminal.until(screen => /\? help {2}q leave\s*$/.test(screen) && screen.split('\n').length === 24);
		await leave();
	});

	test.each(['SIGTERM', 'SIGHUP', 'SIGINT'])(
		'%s leaves it as it was found, and the lab that nobody uses any more goes by itself',
		async signal => {
			await open({args: ['--linger=1']});
			terminal.kill(signal);
			await terminal.exit();
			expect(terminal.inAlternateScreen).toBe(false);
			expect(terminal.raw).toContain('\u001B[?25h');
			await eventually(() => !readdirSync(temporary).some(name => name.startsWith('dms-upgrade-lab-')));
		},
	);

	test('a signal right after the first paint leaves it as it was found, too', async () => {
		terminal = new TestTerminal(process.execPath, [program, '--lab=2'], {environment: ownTemporary()});
		await eventually(() => terminal.raw.includes('\u001B[?1049h'));
		terminal.kill('SIGTERM');
		await terminal.exit();
		await eventually(() => !terminal.inAlternateScreen);
		expect(terminal.raw).toContain('\u001B[?25h');
	});

	test('ctrl-c asks once and leaves the second time', async () => {
		await open();
		terminal.type(keys.controlC);
		await terminal.until(/ctrl.?c/i);
		terminal.type(keys.controlC);
		expect(await terminal.exit()).toBe(0);
		expect(terminal.inAlternateScreen).toBe(false);
	});

	test('a key that was typed before the first frame is not lost', async () => {
		terminal = new TestTerminal(process.execPath, [program, '--lab=2'], {environment: ownTemporary()});
		terminal.type('?');
		await terminal.until('Help');
	});

	test('a flag that does not exist is told on the terminal as it was', async () => {
		terminal = new TestTerminal(process.execPath, [program, '--lab', '--bogus'], {});
		expect(await terminal.exit()).toBe(1);
		expect(terminal.inAlternateScreen).toBe(false);
		expect(terminal.screen).toContain('--bogus');
	});

	test('TERM=dumb gets lines and no screen', async () => {
		terminal = new TestTerminal(process.execPath, [program, '--lab'], {environment: {TERM: 'dumb'}});
		expect(await terminal.exit()).toBe(1);
		expect(terminal.raw).not.toContain('\u001B');
	});
});
