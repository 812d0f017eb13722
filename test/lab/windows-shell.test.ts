import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {argumentsOf, shells} from '../../source/lab/windows-shell.ts';

const environment = new Map([
	['comspec', String.raw`C:\Windows\system32\cmd.exe`],
	['programdata', String.raw`C:\ProgramData`],
]);

/** Quotes as the Windows documentation says ("Parsing C command-line arguments"). */
function quoted(argument: string): string {
	const escaped = argument.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1');
	return `"${escaped}"`;
}

describe('arguments', () => {
	test.each([
		[String.raw`x.exe "a b c" d e`, ['x.exe', 'a b c', 'd', 'e']],
		[String.raw`x.exe "ab\"c" "\\" d`, ['x.exe', 'ab"c', '\\', 'd']],
		[String.raw`x.exe a\\\b d"e f"g h`, ['x.exe', String.raw`a\\\b`, 'de fg', 'h']],
		[String.raw`x.exe a\\\"b c d`, ['x.exe', String.raw`a\"b`, 'c', 'd']],
		[String.raw`x.exe a\\\\"b c" d e`, ['x.exe', String.raw`a\\b c`, 'd', 'e']],
		[String.raw`"C:\Program Files\x.exe" ""`, [String.raw`C:\Program Files\x.exe`, '']],
		['x.exe   ', ['x.exe']],
	])('%s', (line, expected) => {
		expect(argumentsOf(line)).toEqual(expected);
	});

	test('whatever is quoted by the rules comes out as it went in', () => {
		fc.assert(
			fc.property(fc.array(fc.string({unit: fc.constantFrom('a', ' ', '\\', '"', '\t', 'é', '&')})), args => {
				expect(argumentsOf(['x.exe', ...args.map(quoted)].join(' '))).toEqual(['x.exe', ...args]);
			}),
		);
	});
});

describe('cmd.exe', () => {
	const parse = (line: string) => shells.cmd.parse(line, environment);

	test('replaces variables, also within quotes, and leaves unknown ones alone', () => {
		expect(parse('echo %ComSpec%')).toEqual([{do: 'print', text: String.raw`C:\Windows\system32\cmd.exe`}]);
		expect(parse('x.exe "%ProgramData%\\a" %NOTHING%')).toEqual([
			{do: 'run', commandLine: String.raw`x.exe "C:\ProgramData\a" %NOTHING%`},
		]);
	});

	test('refuses operators outside quotes and takes them within', () => {
		expect(parse('x.exe a & del b')).toMatchObject([{do: 'fail'}]);
		expect(parse('x.exe "a & b"')).toEqual([{do: 'run', commandLine: 'x.exe "a & b"'}]);
		expect(parse('x.exe a^&b')).toEqual([{do: 'run', commandLine: 'x.exe a&b'}]);
	});
});

describe('PowerShell', () => {
	const parse = (line: string) => shells.powershell.parse(line, environment);

	test('answers the probe with its own text', () => {
		expect(parse('echo %ComSpec%')).toEqual([{do: 'print', text: '%ComSpec%'}]);
	});

	test('prints a string that nobody calls', () => {
		expect(parse("'C:\\x.exe'")).toEqual([{do: 'print', text: 'C:\\x.exe'}]);
		expect(parse("'C:\\x.exe' -a")).toMatchObject([{do: 'fail'}]);
	});

	test('calls with & and doubles single quotes within single quotes', () => {
		expect(parse("& 'C:\\it''s here\\x.exe' '-f' 'a b' ; exit $LASTEXITCODE")).toEqual([
			{do: 'run', commandLine: String.raw`"C:\it's here\x.exe" -f "a b"`},
			{do: 'exit', code: 'last'},
		]);
	});

	test('loses quotes within arguments and empty arguments, as version 5.1 does', () => {
		const [step] = parse(`& 'x.exe' 'say "hi"' '' 'b'`);
		expect(step?.do === 'run' && argumentsOf(step.commandLine)).toEqual(['x.exe', 'say hi', 'b']);
	});

	test('tells only whether the last program did well, unless it is told to exit', () => {
		expect(shells.powershell.exitCode(1060)).toBe(1);
		expect(shells.powershell.exitCode(0)).toBe(0);
	});
});
