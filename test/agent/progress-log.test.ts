import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ProgressLogReader, parseProgressLine} from '../../source/agent/progress-log.ts';

// General_Feature_Release_10.2.4.md (RN 32772), KI_DCOMConfig_flagged_as_virus.md
const sample = [
	'10.102.0.12|2022-03-03 09:33:57|information|Elastic was not detected in DB.xml. Will not remove obsolete Elastic indices.',
	"10.102.0.12|2022-03-03 09:33:58|error|Couldn't remove Elastic indices. Cause: Object reference not set to an instance of an object.",
	"notice|Executing 'dcomConfig.exe' failed: Not found in upgrades, tools, files or windows system dir",
	'step|Executing on-failure steps due to failure...',
	'error|Upgrade failed: Execute failed: Not found in upgrades, tools, files or windows system dir',
	'10.102.0.12|2022-03-03 09:34:00|Success|The upgrade of this Agent has succeeded. größer 容量 😀',
	'',
].join('\r\n');

describe('a line', () => {
	test('has time, type and message', () => {
		expect(parseProgressLine('10.0.0.1|2022-03-03 09:33:57|Notice|a|b')).toEqual({
			time: '2022-03-03 09:33:57',
			type: 'notice',
			message: 'a|b',
		});
		expect(parseProgressLine('|2022-03-03 09:33:57|progress|')).toEqual({
			time: '2022-03-03 09:33:57',
			type: 'progress',
			message: '',
		});
	});

	test('may be quoted without agent and time', () => {
		expect(parseProgressLine('error|Upgrade failed: x')).toEqual({
			type: 'error',
			message: 'Upgrade failed: x',
		});
	});

	test.each(['hello', '', '|||', 'SRV|yesterday|error|x', '10.0.0.1|2022-03-03 09:33:57|no type here!|x'])(
		'in another shape is kept as information: %j',
		line => {
			expect(parseProgressLine(line)).toEqual({type: 'information', message: line});
		},
	);

	test('cannot write to the terminal', () => {
		expect(parseProgressLine('error|\u001B]0;x\u0007').message).toBe('\\x1b]0;x\\x07');
		expect(parseProgressLine('\u009B2J').message).toBe('\\x9b2J');
	});
});

function readAll(bytes: Uint8Array, cuts: readonly number[] = []) {
	const reader = new ProgressLogReader();
	const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
	return edges.slice(1).flatMap((end, index) => reader.push(bytes.subarray(edges[index], end)));
}

const encodings = {
	'UTF-8': Buffer.from(sample),
	'UTF-8 with mark': Buffer.from(`\uFEFF${sample}`),
	'UTF-16LE': Buffer.from(`\uFEFF${sample}`, 'utf16le'),
	'UTF-16BE': Buffer.from(`\uFEFF${sample}`, 'utf16le').swap16(),
};

describe.each(Object.entries(encodings))('a log in %s', (_, bytes) => {
	test('gives its lines, each with where the next begins', () => {
		const lines = readAll(bytes);
		expect(lines.map(({line}) => line.type)).toEqual([
			'information',
			'error',
			'notice',
			'step',
			'error',
			'success',
		]);
		expect(lines.at(-1)?.line.message).toBe('The upgrade of this Agent has succeeded. größer 容量 😀');
		expect(lines.at(-1)?.nextOffset).toBe(bytes.length);
	});

	test('gives the same lines however it is cut', () => {
		const whole = readAll(bytes);
		fc.assert(
			fc.property(fc.array(fc.nat({max: bytes.length}), {maxLength: 40}), cuts => {
				expect(readAll(bytes, cuts)).toEqual(whole);
			}),
			{numRuns: 200},
		);
		expect(readAll(bytes, [...bytes.keys()])).toEqual(whole);
	});

	test('can be taken up at every line', () => {
		const whole = readAll(bytes);
		for (const [index, {nextOffset}] of whole.entries()) {
			expect(new ProgressLogReader(nextOffset).push(bytes.subarray(nextOffset))).toEqual(
				whole.slice(index + 1),
			);
		}
	});
});

test('a line that is not ended waits for its end', () => {
	const reader = new ProgressLogReader();
	expect(reader.push(Buffer.from('notice|half'))).toEqual([]);
	expect(reader.unfinished()).toEqual({type: 'notice', message: 'half'});
	expect(reader.push(Buffer.from(' and half\nstep|'))).toEqual([
		{line: {type: 'notice', message: 'half and half'}, nextOffset: 21},
	]);
});

test('blank lines are left out and counted', () => {
	expect(readAll(Buffer.from('\r\n\r\nstep|a\r\n'))).toEqual([
		{line: {type: 'step', message: 'a'}, nextOffset: 12},
	]);
});

test('a line without end cannot fill the memory, and the next one is found again', () => {
	const reader = new ProgressLogReader();
	const piece = Buffer.alloc(1024 * 1024, 'x');
	for (let count = 0; count < 20; count += 1) {
		expect(reader.push(piece)).toEqual([]);
	}

	const [long, next] = reader.push(Buffer.from('\nstep|next\n'));
	expect(long?.line.message.length).toBeLessThan(2100);
	expect(long?.nextOffset).toBe(20 * 1024 * 1024 + 1);
	expect(next?.line).toEqual({type: 'step', message: 'next'});
});

test('any bytes give lines that can be shown', () => {
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 400}), bytes => {
			for (const {line} of readAll(bytes)) {
				expect(line.message).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
				expect(line.type).toMatch(/^[a-z][a-z0-9 _-]*$/);
			}
		}),
	);
});
