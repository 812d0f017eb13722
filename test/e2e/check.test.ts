import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LabPackages, generateLabPackages} from '../../source/lab/packages.ts';
import {runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

let folder: string;
let packages: LabPackages;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	packages = await generateLabPackages(path.join(folder, 'packages'), {fillerBytes: 256 * 1024});
});

afterAll(async () => {
	await rm(folder, {recursive: true, force: true});
});

async function software(content: unknown): Promise<string> {
	const file = path.join(folder, 'software.json');
	await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
	return file;
}

const quick = ['--lab=2', '--pairs=0', '--speed=1000'];

describe('check', () => {
	test('of well-kept servers exits with 0, and says nothing on stderr', async () => {
		const {exitCode, stdout, stderr} = await runProgram(['check', packages.full, ...quick, '--json']);
		expect(stderr).toBe('');
		expect(exitCode).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({cluster: 'Practice', agents: ['DMA-01', 'DMA-02']});
	});

	test('of servers that are told to differ exits with 2 and names the remedy', async () => {
		const file = await software({'DMA-02': {fips: true, version: '10.5.11.0-16600-20251201-release'}});
		const {exitCode, stdout} = await runProgram(['check', packages.full, ...quick, `--software=${file}`]);
		expect(exitCode).toBe(2);
		expect(stdout).toContain('Switch "Use FIPS compliant algorithms" off.');
		expect(stdout).toContain('Bring all Agents of the cluster to one version first.');
	});

	test.each<[string, unknown, string]>([
		['no JSON', '{', 'is no JSON'],
		['an unknown Agent', {'DMA-09': {}}, 'DMA-09, which it does not have'],
		['an unknown setting', {'DMA-01': {colour: 'red'}}, 'DMA-01'],
	])('software that is %s is refused with exit code 1', async (_, content, reason) => {
		const file = await software(content);
		const {exitCode, stderr} = await runProgram(['check', packages.full, ...quick, `--software=${file}`]);
		expect(exitCode).toBe(1);
		expect(stderr).toContain(reason);
		expect(stderr).not.toMatch(/\n\s+at /);
	});

	test('without a cluster or a package says what is missing', async () => {
		expect(await runProgram(['check', packages.full])).toMatchObject({exitCode: 1});
		const {exitCode, stderr} = await runProgram(['check']);
		expect(exitCode).toBe(1);
		expect(stderr).toContain('dms-upgrade check PACKAGE');
	});

	test('is stopped by ctrl-c in order: exit code 4, and nothing was changed', async () => {
		const terminal = new TestTerminal(
			process.execPath,
			[program, 'check', packages.full, '--lab=1', '--speed=1', '--prerequisites'],
			{columns: 80},
		);
		try {
			await terminal.until('Looking at the Agents: 0 of 1');
			terminal.type('\u0003');
			expect(await terminal.exit()).toBe(4);
			expect(terminal.screen).toContain('The check was stopped. Nothing was changed.');
		} finally {
			await terminal.dispose();
		}
	});
});
