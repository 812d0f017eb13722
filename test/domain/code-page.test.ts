import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {decodeConsole, parseCodePage} from '../../source/domain/code-page.ts';
import {oemCodePages} from '../../source/domain/oem-code-pages.ts';

describe('what a console wrote', () => {
	// Bytes as Windows writes them, by its own tables.
	test.each([
		[437, [0x81, 0x94, 0xe1, 0x9b], 'üöß¢'],
		[850, [0x81, 0x94, 0xe1, 0x9b, 0xd5], 'üößøı'],
		[858, [0xd5], '€'],
		[852, [0xa5, 0xe6], 'ąŠ'],
		[866, [0x8f, 0xe0], 'Пр'],
		[1252, [0xfc, 0x80], 'ü€'],
		[1251, [0xcf], 'П'],
		[932, [0x97, 0x65], '容'],
		[936, [0xc8, 0xdd], '容'],
		[65_001, [0xc3, 0xbc], 'ü'],
	])('in code page %i', (page, bytes, text) => {
		expect(decodeConsole(Buffer.from(bytes), page)).toBe(text);
	});

	test('is taken for UTF-8 where the code page is not known, and shows what is none', () => {
		expect(decodeConsole(Buffer.from('größe'), undefined)).toBe('größe');
		expect(decodeConsole(Buffer.from([0x67, 0x94]), undefined)).toBe('g\uFFFD');
	});

	test('in a code page that nobody here knows shows what is beyond ASCII as unknown, and nothing else', () => {
		expect(decodeConsole(Buffer.from([0x61, 0x81, 0xff, 0x62]), 708)).toBe('a\uFFFD\uFFFDb');
	});

	test('in ASCII is the same in every code page that consoles use', () => {
		const pages = [...oemCodePages.keys(), 866, 932, 936, 949, 950, 1250, 1252, 65_001, 708, undefined];
		fc.assert(
			fc.property(
				fc.string({unit: fc.integer({min: 9, max: 126}).map(code => String.fromCharCode(code))}),
				text => {
					for (const page of pages) {
						expect(decodeConsole(Buffer.from(text), page)).toBe(text);
					}
				},
			),
		);
	});

	test('has one character a byte in the code pages of our own tables', () => {
		for (const upper of oemCodePages.values()) {
			expect(upper).toHaveLength(128);
			expect(new Set(upper.replaceAll('\uFFFD', '')).size).toBe(upper.replaceAll('\uFFFD', '').length);
		}
	});
});

describe('chcp.com', () => {
	test.each([
		['Active code page: 437\r\n', 437],
		['Aktive Codepage: 850.\r\n', 850],
		['Page de codes active\u00A0: 1252\r\n', 1252],
		['現在のコード ページ: 932\r\n', 932],
		['65001', 65_001],
	])('%j', (output, page) => {
		expect(parseCodePage(output)).toBe(page);
	});

	test.each(['', 'Invalid code page', 'Active code page: ', '12'])('may say something else: %j', output => {
		expect(parseCodePage(output)).toBeUndefined();
	});
});
