import {expect, test} from 'vitest';
import {parseUpdateContent, restartsOf, updatesFolder} from '../../source/domain/update-content.ts';

const restarts = (text: string) => restartsOf(parseUpdateContent(text));

test('lines keep their order, whatever ends them; blank lines are none', () => {
	const actions = parseUpdateContent('Lock\r\n\r\n  Update Files \nIIS Stop\rStart\n');
	expect(actions.map(action => action.line)).toEqual(['Lock', 'Update Files', 'IIS Stop', 'Start']);
	expect(actions[1]).toMatchObject({verb: 'update', argument: 'Files'});
});

test.each(['Disable', 'KILL', 'start', 'SetOption REBOOT', 'setoption reboot'])(
	'%s restarts the Agent',
	line => {
		expect(restarts(`IIS Stop\n${line}\nIIS Start`)).toBe('agent');
	},
);

test('IIS alone restarts the web server', () => {
	expect(restarts('IIS Stop\nUpdate WebPages\nIIS Start')).toBe('web-server');
});

test.each(['PS Verify.ps1', 'SetOption NODELAYEDSTART', 'Enable', 'Restart', ''])(
	'"%s" restarts nothing',
	line => {
		expect(restarts(line)).toBe('nothing');
	},
);

test('what another package does is not known', () => {
	expect(restarts('ExecuteUpgrade LASTROLLBACK')).toBe('unknown');
	expect(restarts('ExecuteUpgrade other.dmupgrade\nKill')).toBe('agent');
});

test('the documented sample has no unknown action, an invented one is unknown', () => {
	const sample =
		'Lock,Disable,Kill,IIS Stop,delete,Update Files,Update Root,UpgradeSLTaskbarUtility,UpgradeDB,Register,Enable,Unlock,js 300 SetNtfsPermissions.js,Execute 60 DMAEventLogCreator.exe,IIS Start,Start';
	expect(parseUpdateContent(sample.replaceAll(',', '\n')).filter(({effect}) => effect === 'unknown')).toEqual(
		[],
	);
	expect(parseUpdateContent('Frobnicate now')[0]?.effect).toBe('unknown');
});

test('folders are found without regard to case', () => {
	expect(updatesFolder(parseUpdateContent('update webpages'), 'WebPages')).toBe(true);
	expect(updatesFolder(parseUpdateContent('Update Files'), 'Root')).toBe(false);
});
