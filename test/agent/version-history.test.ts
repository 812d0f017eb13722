import {describe, expect, test} from 'vitest';
import {decodeText} from '../../source/agent/file-text.ts';
import {newestVersionStamp} from '../../source/agent/version-history.ts';
import {formatVersion} from '../../source/domain/version.ts';

const sample =
	'2025-03-25 14:27:23;10.4.0.0-14772-20240821-release\r\n2025-03-27 11:16:35;10.5.4.0-15588-20250319-release\r\n';

function shown(text: string): string | undefined {
	const version = newestVersionStamp(text)?.version;
	return version && formatVersion(version);
}

describe('the newest line of VersionHistory.txt', () => {
	test('is the last one', () => {
		expect(newestVersionStamp(sample)?.stamp).toBe('2025-03-27 11:16:35;10.5.4.0-15588-20250319-release');
		expect(shown(sample)).toBe('10.5.4 (15588)');
	});

	test('tells the CU where it is written', () => {
		expect(shown('2026-01-15 10:00:00;10.5.12.0(CU2)-16797-20260112-release')).toBe('10.5.12 [CU2] (16797)');
		expect(shown('2020-06-01 10:00:00;HF_10.0.7.0(CU0)_20200520-135714')).toBe('10.0.7 hotfix');
	});

	test('may name no version', () => {
		expect(newestVersionStamp('2020-06-01 10:00:00;Hotfix')).toEqual({stamp: '2020-06-01 10:00:00;Hotfix'});
	});

	test('is read with any byte order mark', () => {
		expect(shown(decodeText(Buffer.from(`\uFEFF${sample}`)))).toBe('10.5.4 (15588)');
		expect(shown(decodeText(Buffer.from(`\uFEFF${sample}`, 'utf16le')))).toBe('10.5.4 (15588)');
		expect(shown(decodeText(Buffer.from(`\uFEFF${sample}`, 'utf16le').swap16()))).toBe('10.5.4 (15588)');
		expect(shown(decodeText(Buffer.from(sample, 'utf16le')))).toBe('10.5.4 (15588)');
	});

	test('is missing in an empty file', () => {
		expect(newestVersionStamp('')).toBeUndefined();
		expect(newestVersionStamp('\r\n \r\n')).toBeUndefined();
	});

	test('cannot reach the terminal as it stands', () => {
		expect(newestVersionStamp('\u001B[2J;10.5.4.0-1')?.stamp).toBe('\\x1b[2J;10.5.4.0-1');
	});
});
