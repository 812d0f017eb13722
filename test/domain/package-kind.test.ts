import {expect, test} from 'vitest';
import {decideKind} from '../../source/domain/package-kind.ts';
import {parsePackageName} from '../../source/domain/package-name.ts';
import {parseUpdateContent} from '../../source/domain/update-content.ts';

const core = ['Disable', 'Update Files', 'Update Root', 'Start'];
const web = ['IIS Stop', 'Update WebPages', 'IIS Start'];
const full = 'DataMiner 10.5.6.0-15384 Full Upgrade.dmupgrade';
const webName = 'DataMiner 10.5.6.0-15384 Web Upgrade.dmupgrade';
const tool = 'VerifyClusterPorts.dmupgrade';

function decide(file: string, actions: string[] | undefined, description?: string, hasPrerequisites = false) {
	return decideKind({
		name: parsePackageName(file),
		description,
		actions: actions && parseUpdateContent(actions.join('\n')),
		hasPrerequisites,
	});
}

test.each([
	[full, core, 'full'],
	[webName, web, 'web'],
	['DataMiner 10.5.0.0-15384 Partial Upgrade.dmupgrade', core, 'cumulative'],
	[tool, ['PS Verify.ps1'], 'tool'],
	[tool, ['IIS Stop', 'IIS Start'], 'tool'],
	[tool, ['Kill', 'Execute 60 migrate.exe', 'Start'], 'tool'],
	['renamed.dmupgrade', core, 'full'],
	['renamed.dmupgrade', web, 'web'],
])('%s with %j is: %s', (file, actions, kind) => {
	expect(decide(file, actions)).toEqual({kind});
});

test('the description helps where the name says nothing', () => {
	expect(decide('renamed.dmupgrade', core, 'DataMiner Upgrade (Partial)')).toEqual({kind: 'cumulative'});
});

test('without actions the name is believed, and a free name with tests is a tool', () => {
	expect(decide(full, undefined).kind).toBe('full');
	expect(decide(tool, [], undefined, true).kind).toBe('tool');
	expect(decide('renamed.dmupgrade', undefined).kind).toBe('unknown');
});

test('a full upgrade that leaves DataMiner running is not believed', () => {
	expect(decide(full, web)).toMatchObject({kind: 'web', disagreement: {severity: 'warn'}});
	expect(decide(full, ['PS x.ps1'])).toMatchObject({kind: 'tool', disagreement: {severity: 'warn'}});
});

test('a web upgrade that stops DataMiner must not be used', () => {
	expect(decide(webName, core)).toMatchObject({kind: 'unknown', disagreement: {severity: 'block'}});
});

test('a description that says something else than the name is worth a look', () => {
	expect(decide(full, core, 'DataMiner Upgrade (Web)')).toMatchObject({
		kind: 'full',
		disagreement: {severity: 'warn'},
	});
});
