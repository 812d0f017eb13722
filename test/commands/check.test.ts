import {copyFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type CheckOptions, checkCluster} from '../../source/commands/check.ts';
import {inspectPackage} from '../../source/commands/run-package.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {aLab, untilEvent} from '../support/a-lab.ts';
import {contentOf} from '../support/folder-content.ts';

async function check(lab: Lab, options: Partial<CheckOptions> & {readonly package?: string} = {}) {
	let output = '';
	const packagePath = options.package ?? lab.packages.full;
	const exitCode = await checkCluster(lab.inventory, packagePath, await inspectPackage(packagePath), {
		json: false,
		prerequisites: false,
		policy: 'Simultaneously',
		write: text => void (output += text),
		...options,
	});
	return {exitCode, output};
}

interface CheckJson {
	readonly verdict: string;
	readonly at: string;
	readonly goodUntil: string;
	readonly findings: readonly Readonly<Record<string, unknown>>[];
	readonly manual: readonly Readonly<Record<string, unknown>>[];
}

const drives = (lab: Lab) => Promise.all(lab.agents.map(({drive}) => contentOf(drive.folder)));

describe('check', () => {
	test('changes nothing on any Agent, to the byte and to the time', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const before = await drives(lab);
		expect(Object.keys(before[0]!).length).toBeGreaterThan(30);
		await check(lab);
		expect(await drives(lab)).toEqual(before);
		const changes = ['file-uploaded', 'file-renamed', 'file-removed', 'task-created', 'upgrade-started'];
		expect(lab.events.filter(({event}) => changes.includes(event))).toEqual([]);
	});

	test('of Agents that are ready gives exit code 0', async () => {
		const {exitCode, output} = await check(await aLab({agents: 3, pairs: 1}));
		expect(exitCode).toBe(0);
		expect(output).toMatch(/^Practice, 3 Agents, to 10\.6\.0 \(16840\)\nDataMiner 10\.6\.0/);
		expect(output).toMatch(/good for 30 minutes/);
		expect(output).toMatch(/\nAs it should be \(\d+\)\n/);
		expect(output).not.toContain('\nBlock');
	});

	test('tells what blocks first, with Agents, evidence, remedy and source, and gives exit code 2', async () => {
		const lab = await aLab({
			agents: 2,
			software: {'DMA-02': {aspNetCore: [], pendingReboot: ['updates'], fips: true}},
		});
		const {exitCode, output} = await check(lab);
		expect(exitCode).toBe(2);
		expect(output).toContain('Verdict: block, nothing may begin before this is put right.\n');
		expect(output).toContain(`Block (2)
  block   .NET and ASP.NET Core (dotnet): DMA-02
          ASP.NET Core 8.0 is missing (found: none).`);
		expect(output).toContain(`  block   FIPS policy of Windows (fips): DMA-02
          The policy is on. With the FIPS policy of Windows on, DataMiner does
          not start.
          Switch "Use FIPS compliant algorithms" off.
          Source: General_Main_Release_10.5.0_CU17.md`);
		const order = ['Block', 'Warnings', 'Unknown', 'Good to know', 'To look at yourself', 'As it should be'];
		const places = order.map(title => output.indexOf(`\n${title} (`));
		expect(places).toEqual(places.toSorted((a, b) => a - b));
		expect(places).not.toContain(-1);
	});

	test('keeps to 80 columns, but for a word that is longer, and has no control characters', async () => {
		const lab = await aLab({
			agents: 2,
			software: {
				'DMA-02': {
					files: {
						'DMS.xml':
							'<DMS><Cluster name="\u001B[31m"/><Redirects><Redirect via="\u009B31mx"/></Redirects></DMS>',
					},
					fips: true,
				},
			},
		});
		const {output} = await check(lab);
		expect(output.split('\n').filter(line => line.length > 80 && /\S \S/.test(line.trim()))).toEqual([]);
		expect(output.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
	});

	test('--json is one object whose every finding has its place', async () => {
		const lab = await aLab({agents: 2, software: {'DMA-01': {fips: true}}});
		const {exitCode, output} = await check(lab, {json: true});
		const report = JSON.parse(output) as CheckJson;
		expect(exitCode).toBe(2);
		expect(report).toMatchObject({
			cluster: 'Practice',
			verdict: 'block',
			package: {kind: 'full', version: '10.6.0.0'},
			agents: ['DMA-01', 'DMA-02'],
		});
		expect(Date.parse(report.goodUntil) - Date.parse(report.at)).toBe(30 * 60 * 1000);
		expect(report.findings[0]).toEqual({
			outcome: 'block',
			check: 'fips',
			title: 'FIPS policy of Windows',
			agents: ['DMA-01'],
			evidence: expect.stringContaining('The policy is on.') as string,
			remedy: 'Switch "Use FIPS compliant algorithms" off.',
			source: 'General_Main_Release_10.5.0_CU17.md',
			rules: ['req.fips-off'],
		});
		const ranks = report.findings.map(({outcome}) =>
			['block', 'warn', 'unknown', 'info', 'pass'].indexOf(outcome as string),
		);
		expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
		expect(report.manual.length).toBeGreaterThan(10);
		for (const item of report.manual) {
			expect(item).toMatchObject({
				rule: expect.stringMatching(/\S/) as string,
				severity: expect.stringMatching(/^(?:info|warn|block)$/) as string,
				remedy: expect.stringMatching(/\S/) as string,
				source: expect.stringMatching(/\S/) as string,
			});
		}
	});

	test('looks only at the Agents that are named, and refuses those that are not there', async () => {
		const lab = await aLab({agents: 2, software: {'DMA-02': {fips: true}}});
		expect((await check(lab, {agents: ['DMA-01']})).exitCode).toBe(0);
		await expect(check(lab, {agents: ['DMA-09']})).rejects.toMatchObject({code: 'WRONG_USE'});
	});

	test('says on the way how many Agents have answered', async () => {
		const said: string[] = [];
		await check(await aLab({agents: 2}), {progress: text => void said.push(text)});
		expect(said).toEqual([
			'Looking at the Agents: 0 of 2',
			'Looking at the Agents: 1 of 2',
			'Looking at the Agents: 2 of 2',
			'',
			'',
		]);
	});

	test('of a package that names no version applies no rule about versions, and blocks', async () => {
		const lab = await aLab({agents: 1});
		const renamed = path.join(lab.folder, 'Upgrade.dmupgrade');
		await copyFile(lab.packages.full, renamed);
		const {output, exitCode} = await check(lab, {package: renamed});
		expect(exitCode).toBe(2);
		expect(output).toContain('(version-of-package)');
	});
});

describe('check --prerequisites', () => {
	test('tells what the tests of the package found, before any upload', async () => {
		const lab = await aLab({agents: 2, faults: ['prerequisite-fails@DMA-02']});
		const {exitCode, output} = await check(lab, {prerequisites: true});
		expect(exitCode).toBe(2);
		expect(output).toContain('  block   Prerequisite VerifyClusterPorts (prerequisite.VerifyClusterPorts):');
		expect(output).toContain('Could not connect from 127.10.0.12 to port 4222');
		expect(lab.events.filter(({event}) => event === 'prerequisite-run').length).toBeGreaterThan(5);
	});

	test('settles what cannot be seen from here', async () => {
		const lab = await aLab({agents: 2, pairs: 0});
		expect((await check(lab)).output).toContain('unknown Settings of connections (grpc)');
		expect((await check(lab, {prerequisites: true})).output).not.toContain('(grpc)');
	});

	test('leaves nothing of the tests on any Agent', async () => {
		const lab = await aLab({agents: 2, faults: ['prerequisite-fails@DMA-02']});
		const files = async () =>
			(await drives(lab)).map(content =>
				Object.fromEntries(Object.entries(content).filter(([, facts]) => !facts.startsWith('folder'))),
			);
		const before = await files();
		await check(lab, {prerequisites: true});
		expect(await files()).toEqual(before);
		// Our own staging folder may be there now, and is empty.
		const names = (await drives(lab)).flatMap(content => Object.keys(content));
		expect(names.filter(name => name.includes('dms-upgrade')).every(name => !name.includes('check-'))).toBe(
			true,
		);
	});

	test('leaves nothing of them either when it is stopped in the middle', async () => {
		const lab = await aLab({agents: 1, speed: 20});
		const stop = new AbortController();
		const checking = check(lab, {prerequisites: true, signal: stop.signal});
		checking.catch(() => undefined);
		await untilEvent(lab, 'prerequisite-run');
		stop.abort(new Error('enough'));
		await expect(checking).rejects.toThrow('enough');
		const [content] = await drives(lab);
		expect(Object.keys(content!).filter(name => name.includes('check-'))).toEqual([]);
	});

	test('where they cannot be run, that is unknown and said', async () => {
		const lab = await aLab({agents: 1});
		await lab.agents[0]!.drive.writeFile('C:\\ProgramData\\dms-upgrade', 'a file is in the way');
		const {output} = await check(lab, {prerequisites: true});
		expect(output).toContain('unknown Prerequisites of the package (prerequisites): DMA-01');
		expect(output).toContain('They could not be run:');
	});
});
