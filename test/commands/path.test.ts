import {describe, expect, test} from 'vitest';
import {pathCommand} from '../../source/commands/path.ts';
import {describeError} from '../../source/commands/describe-error.ts';
import {VersionTextError} from '../../source/commands/version-text-error.ts';

function path(from: string, to: string, {json = false} = {}) {
	let output = '';
	const exitCode = pathCommand(from, to, {json, write: text => void (output += text)});
	return {exitCode, output};
}

interface PathJson {
	readonly findings: readonly Readonly<Record<string, unknown>>[];
}

describe('--json', () => {
	test('prints one object with verdict, steps and findings', () => {
		const {exitCode, output} = path('10.4.12.0-15200', '10.6.0 [CU2]', {json: true});
		expect(exitCode).toBe(2);
		expect(JSON.parse(output)).toMatchObject({
			from: '10.4.12 (15200)',
			to: '10.6.0 [CU2]',
			verdict: 'block',
			steps: [
				{kind: 'upgrade', version: '10.5.0 [CU18]', text: expect.any(String) as string},
				{kind: 'action', text: expect.stringContaining('NATSMigration') as string},
				{kind: 'upgrade', version: '10.6.0 [CU2]', text: 'Upgrade to 10.6.0 [CU2].'},
			],
		});
	});

	test('gives each finding its rule, severity, texts, source, and whether it is to be checked', () => {
		const {findings} = JSON.parse(path('9.6.0', '10.6.0', {json: true}).output) as PathJson;
		expect(findings.length).toBeGreaterThan(50);
		for (const finding of findings) {
			expect(finding).toMatchObject({
				rule: expect.any(String) as string,
				severity: expect.stringMatching(/^(info|warn|block)$/) as string,
				summary: expect.stringMatching(/\S/) as string,
				remedy: expect.stringMatching(/\S/) as string,
				source: expect.stringMatching(/\S/) as string,
				toCheck: expect.any(Boolean) as boolean,
			});
		}
	});
});

describe('the report', () => {
	test('says the verdict, numbers the steps, and tells the findings worst first', () => {
		const {exitCode, output} = path('9.6.0', '10.3.0');
		expect(exitCode).toBe(2);
		expect(output).toMatch(
			/^From 9\.6\.0 \[CU0\] to 10\.3\.0 \[CU0\]\n\nVerdict: block, do not go directly\.\n/,
		);
		expect(output).toContain(`Steps
  1. Upgrade to 10.0.0 [CU19]. From here only 10.0.0 [CU19] may come next.
  2. Run VerifyClusterPorts.dmupgrade on the whole cluster; upgrade within 10
     days of it.
`);
		expect(output).toContain(`Findings
  block  path.via-10.0.0-cu19
         From here only 10.0.0 [CU19] may come next.
         Make 10.0.0 [CU19] the next step.
         Source: Preparing_to_upgrade_a_DataMiner_Agent.md

  warn   path.next-major-latest-cu
`);
		expect(output).toMatch(/\nTo check for these versions \(\d+\)\n {2}block {2}/);
		expect(output).toMatch(/\nTo check with every upgrade \(\d+\)\n {2}block {2}/);
	});

	test('keeps to 80 columns, but for a word that is longer', () => {
		for (const [from, to] of [
			['9.6.0', '10.6.0'],
			['10.6.0', '10.1.0'],
			['10.5.0.0-15943-20250601-release', '10.5.0 [CU3]'],
		] as const) {
			const long = path(from, to)
				.output.split('\n')
				.filter(line => line.length > 80 && /\S \S/.test(line));
			expect(long).toEqual([]);
		}
	});

	test('of a version and itself has nothing to do', () => {
		const {exitCode, output} = path('10.5.0-CU2', '10.5.0 [CU2]');
		expect(exitCode).toBe(0);
		expect(output).toContain('Steps\n  none\n');
		expect(output).toContain('path.same-version');
		expect(output).not.toContain('To check');
	});
});

test.each([
	['DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal).dmupgrade', '10.6.3 (16815)'],
	['packages/DataMiner 10.5.5.0-15596 Full Upgrade (rc) GER-99162 PS-19.dmupgrade', '10.5.5 (15596)'],
	['DataMiner 10.5.5.0-15596 Full Upgrade (rc) GER-99162 PS-19', '10.5.5 (15596)'],
	['2025-03-25 14:27:23;10.4.0.0-14772-20240821-release', '10.4.0 (14772)'],
	[' 2025-03-27 11:16:35 => 10.5.4.0-15588-20250319-release ', '10.5.4 (15588)'],
])('%j is taken as it was copied', (text, version) => {
	expect(JSON.parse(path(text, '10.7.0', {json: true}).output)).toMatchObject({from: version});
});

test('a verdict that only warns gives exit code 0', () => {
	expect(path('10.4.12', '10.5.0').exitCode).toBe(0);
});

test.each([
	['10.5.x', '10.6.0'],
	['10.5.0', 'latest'],
	['', ''],
	['10.5.0', '10.4.2343.27106'],
	['10.5.0 [CU2]/10.5.5', '10.6.0'],
	['VerifyClusterPorts.dmupgrade', '10.6.0'],
	['10.5.0', '\u001B[31m10.6.0'],
])('%j and %j are no two versions: exit code 1, with the forms that are taken', (from, to) => {
	let output = '';
	const run = () => pathCommand(from, to, {json: true, write: text => void (output += text)});
	expect(run).toThrow(VersionTextError);
	expect(output).toBe('');
	try {
		run();
	} catch (error) {
		expect(error).toMatchObject({code: 'VERSION_UNREADABLE', exitCode: 1});
		const said = describeError(error, false);
		expect(said).toContain('10.5.0-CU2');
		expect(said).not.toContain('\u001B');
	}
});
