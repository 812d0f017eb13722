import {expect, test} from 'vitest';
import {
	UnsafeFileNameError,
	checkedFileName,
	driveOf,
	isPlainFileName,
	windowsPath,
} from '../../source/agent/windows-path.ts';

test('paths are joined with one backslash', () => {
	expect(windowsPath('C:\\Skyline DataMiner', 'Upgrades', 'x')).toBe('C:\\Skyline DataMiner\\Upgrades\\x');
	expect(windowsPath('C:\\', 'x')).toBe('C:\\x');
	expect(driveOf('d:\\Skyline DataMiner')).toBe('d:');
	expect(driveOf('\\\\server\\share')).toBeUndefined();
});

test.each([
	'DataMiner 10.6.4.0-16868 Full Upgrade (rc).dmupgrade',
	'a',
	'.hidden',
	'Größe 容量.dll',
	'CONSOLE.txt',
])('%j is a plain file name', name => {
	expect(checkedFileName(name)).toBe(name);
});

test.each([
	'',
	'.',
	'..',
	'a/b',
	'a\\b',
	'..\\..\\Windows\\x.exe',
	'C:x',
	'a:stream',
	'a*',
	'a?',
	'a"b',
	'a<b',
	'a|b',
	'a\u0000b',
	'a\nb',
	'NUL',
	'con.dmupgrade',
	'LPT1.txt',
	'nul .txt',
	'CONIN$',
	'conout$.log',
	'a.',
	'a ',
	' a',
	'x'.repeat(201),
])('%j is none', name => {
	expect(isPlainFileName(name)).toBe(false);
	expect(() => checkedFileName(name)).toThrow(UnsafeFileNameError);
});
