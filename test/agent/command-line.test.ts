import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	ArgumentNotAllowedError,
	argumentString,
	commandLine,
	processStart,
} from '../../source/agent/command-line.ts';
import {type ShellName, argumentsOf as labArguments, shells} from '../../source/lab/windows-shell.ts';

/** What a program makes of its command line: the rules of `CommandLineToArgvW` for everything after its name. */
function argumentsOf(line: string): string[] {
	const found: string[] = [];
	let at = 0;
	const skipBlanks = () => {
		while (line[at] === ' ' || line[at] === '\t') {
			at += 1;
		}
	};
	skipBlanks();
	while (at < line.length) {
		let argument = '';
		let quoted = false;
		while (at < line.length && (quoted || (line[at] !== ' ' && line[at] !== '\t'))) {
			let slashes = 0;
			while (line[at] === '\\') {
				slashes += 1;
				at += 1;
			}

			if (line[at] !== '"') {
				argument += '\\'.repeat(slashes);
				if (slashes === 0) {
					argument += line.charAt(at);
					at += 1;
				}

				continue;
			}

			argument += '\\'.repeat(Math.floor(slashes / 2));
			if (slashes % 2 === 1) {
				argument += '"';
			} else if (quoted && line[at + 1] === '"') {
				argument += '"';
				at += 1;
			} else {
				quoted = !quoted;
			}

			at += 1;
		}

		found.push(argument);
		skipBlanks();
	}

	return found;
}

/** What cmd.exe hands on, with `%NAME%` replaced for every name it could know. */
function throughCmd(line: string): string {
	const replaced = line.replaceAll(/%([^%^"]+)%/g, 'REPLACED');
	let plain = '';
	let quoted = false;
	for (let at = 0; at < replaced.length; at += 1) {
		const character = replaced.charAt(at);
		if (character === '"') {
			quoted = !quoted;
		} else if (!quoted && character === '^') {
			at += 1;
			plain += replaced.charAt(at);
			continue;
		} else if (!quoted && '&|<>()'.includes(character)) {
			throw new Error(`cmd.exe would take ${character} for an operator in ${line}`);
		}

		plain += character;
	}

	if (quoted) {
		throw new Error(`a quotation mark is left open in ${line}`);
	}

	return plain;
}

/** What Windows PowerShell 5.1 hands on for `& 'program' 'argument' …; exit $LASTEXITCODE`. */
function throughPowerShell(line: string): string {
	const words: string[] = [];
	const asBefore = "$PSNativeCommandArgumentPassing = 'Legacy'; ";
	let at = line.startsWith(asBefore) ? asBefore.length : 0;
	expect(line.slice(at, at + 2)).toBe('& ');
	at += 2;
	while (line[at] === "'") {
		let word = '';
		at += 1;
		for (;;) {
			const character = line[at];
			if (character === undefined) {
				throw new Error(`a string is not ended in ${line}`);
			}

			if (/['‘’‚‛]/.test(character)) {
				if (!/['‘’‚‛]/.test(line[at + 1] ?? '')) {
					break;
				}

				at += 1;
			}

			word += line.charAt(at);
			at += 1;
		}

		words.push(word);
		at += 1;
		if (line[at] === ' ') {
			at += 1;
		}
	}

	expect(line.slice(at)).toBe('; exit $LASTEXITCODE');
	return words
		.filter(word => word !== '')
		.map(word => {
			// Blanks outside of quotation marks that are not escaped make it put quotation marks around.
			let marks = 0;
			let blanks = false;
			for (let index = 0; index < word.length; index += 1) {
				const character = word.charAt(index);
				if (character === '"' && word.charAt(index - 1) !== '\\') {
					marks += 1;
				} else if (/\s/.test(character) && marks % 2 === 0) {
					blanks = true;
				}
			}

			return blanks ? `"${word}"` : word;
		})
		.map((word, index) => (index === 0 ? `"${word.replaceAll('"', '')}"` : word))
		.join(' ');
}

const nasty = [
	'plain',
	'',
	' ',
	'two words',
	'say "hi"',
	'"',
	'a&b|c<d>e',
	'100%',
	'%PATH%',
	'a%PATH%b & "c"',
	'x^y',
	'(x86)!',
	'C:\\folder\\',
	'C:\\two words\\',
	'\\\\server\\share\\',
	'ends with quote\\"',
	"it's",
	'‘typographic’',
	'größe 容量 😀',
	'$env:PATH `n',
	'--"C:\\a b.dll"',
	';calc',
	'tab\there',
];

describe('an argument reaches the program as it was', () => {
	test.each(nasty)('through cmd.exe: %j', argument => {
		const line = commandLine('cmd', {program: 'C:\\Program Files (x86)\\x.exe', args: [argument, 'end']});
		expect(argumentsOf(throughCmd(line))).toEqual(['C:\\Program Files (x86)\\x.exe', argument, 'end']);
	});

	test.each(nasty)('through Windows PowerShell: %j', argument => {
		const line = commandLine('powershell', {program: 'C:\\Program Files\\x.exe', args: [argument, 'end']});
		expect(argumentsOf(throughPowerShell(line))).toEqual(['C:\\Program Files\\x.exe', argument, 'end']);
	});

	const character = fc.oneof(
		fc.constantFrom(...' "\'\\%^&|<>()!$`;,=‘’‚‛\tü容'.split('')),
		fc
			.string({unit: 'grapheme', minLength: 1, maxLength: 1})
			.filter(text => !/[\0\r\n\u0085\u2028\u2029]/.test(text)),
	);
	const argument = fc.array(character, {maxLength: 12}).map(characters => characters.join(''));

	test('for any arguments, in the string that Windows hands to a program', () => {
		fc.assert(
			fc.property(fc.array(argument, {maxLength: 6}), args => {
				expect(argumentsOf(argumentString(args))).toEqual(args);
			}),
		);
	});

	test('for any arguments, through cmd.exe', () => {
		fc.assert(
			fc.property(fc.array(argument, {maxLength: 6}), args => {
				expect(argumentsOf(throughCmd(commandLine('cmd', {program: 'x.exe', args})))).toEqual([
					'x.exe',
					...args,
				]);
			}),
			{numRuns: 500},
		);
	});

	test('for any arguments, through Windows PowerShell', () => {
		fc.assert(
			fc.property(fc.array(argument, {maxLength: 6}), args => {
				const line = commandLine('powershell', {program: 'x.exe', args});
				expect(argumentsOf(throughPowerShell(line))).toEqual(['x.exe', ...args]);
			}),
			{numRuns: 500},
		);
	});
});

describe('the name of a program', () => {
	test.each([
		'C:\\Tools\\a=b.exe',
		'C:\\Tools\\a,b.exe',
		'C:\\Tools\\a;b.exe',
		'C:/Tools/switch-over.exe',
		'C:\\R&D (x86)\\x^y.exe',
		'@echo.exe',
		'größe.exe',
	])('is what cmd.exe looks for, and no more or less: %j', program => {
		// Only within quotation marks does cmd.exe take none of these characters for an end or a switch.
		expect(commandLine('cmd', {program, args: ['a b', '']})).toBe(`"${program}" "a b" ""`);
	});

	test.each(['C:\\100%\\x.exe', 'C:\\%PATH%\\x.exe', 'a!b.exe', 'a"b.exe'])(
		'is refused where cmd.exe would read it: %j',
		program => {
			expect(() => commandLine('cmd', {program, args: []})).toThrow(ArgumentNotAllowedError);
		},
	);
});

test('harmless words stay readable', () => {
	expect(commandLine('cmd', {program: 'sc.exe', args: ['queryex', 'SLNet']})).toBe('sc.exe queryex SLNet');
	expect(commandLine('powershell', {program: 'sc.exe', args: ['queryex', 'SLNet']})).toBe(
		"& 'sc.exe' 'queryex' 'SLNet'; exit $LASTEXITCODE",
	);
});

test.each(['a\nb', 'a\rb', 'a\0b'])('what no shell can pass on is refused: %j', argument => {
	for (const shell of ['cmd', 'powershell'] as const) {
		expect(() => commandLine(shell, {program: 'x.exe', args: [argument]})).toThrow(ArgumentNotAllowedError);
	}
});

describe('without a shell between', () => {
	const comSpec = 'C:\\Windows\\System32\\cmd.exe';
	const batch = 'C:\\Skyline DataMiner\\Tools\\DataMiner Stop DataMiner And SLNet.bat';

	test('a program gets its arguments, and its own name as one word', () => {
		const program = 'C:\\Program Files\\x.exe';
		const args = ['a b', 'C:\\folder with blanks\\', '', '"', '%PATH%'];
		const start = processStart({program, args}, comSpec);
		expect(start.file).toBe(program);
		expect(labArguments(`${start.name} ${start.arguments}`)).toEqual([program, ...args]);
	});

	test('a batch file is run by cmd.exe, also one with blanks in its name', () => {
		const start = processStart({program: batch, args: ['a & b', 'c']}, comSpec);
		expect(start.file).toBe(comSpec);
		// With /s, cmd.exe takes the outer quotation marks away and reads what is between them as a line.
		const line = /^\/d \/s \/c "(?<line>.*)"$/.exec(start.arguments)?.groups?.['line'] ?? '';
		expect(argumentsOf(throughCmd(line))).toEqual([batch, 'a & b', 'c']);
	});

	test.each(['"', '%PATH%', 'a!b', 'a\nb'])(
		'a batch file gets no argument that it would read again: %j',
		argument => {
			const call = {program: batch, args: [argument]};
			expect(() => processStart(call, comSpec)).toThrow(ArgumentNotAllowedError);
		},
	);

	test.each(['a\nb', 'a\0b'])('a program gets no %j', argument => {
		expect(() => processStart({program: 'x.exe', args: [argument]}, comSpec)).toThrow(
			ArgumentNotAllowedError,
		);
	});
});

describe('what the shells of the lab make of a line', () => {
	const environment = new Map([
		['comspec', 'C:\\Windows\\system32\\cmd.exe'],
		['path', 'C:\\Windows'],
	]);

	function throughLab(name: ShellName, args: readonly string[]): readonly string[] {
		const line = commandLine(name === 'cmd' ? 'cmd' : 'powershell', {program: 'C:\\a b\\x.exe', args});
		const [step] = shells[name].parse(line, environment);
		return step?.do === 'run' ? labArguments(step.commandLine) : [JSON.stringify(step)];
	}

	const shellNames: readonly ShellName[] = ['cmd', 'powershell', 'pwsh'];

	test.each(shellNames)('%s: nasty arguments arrive as they were', name => {
		expect(throughLab(name, nasty)).toEqual(['C:\\a b\\x.exe', ...nasty]);
	});

	test.each(shellNames)('%s: any arguments do', name => {
		const character = fc.oneof(
			fc.constantFrom(...' "\'\\%^&|<>()!$`;,=‘’‚‛\t\u0085ü容'.split('')),
			fc.constantFrom('%comspec%', '$env:PATH', '$x', '--%'),
			fc
				.string({unit: 'grapheme', minLength: 1, maxLength: 1})
				.filter(text => !/[\0\r\n\u2028\u2029]/.test(text)),
		);
		fc.assert(
			fc.property(
				fc.array(
					fc.array(character, {maxLength: 8}).map(all => all.join('')),
					{maxLength: 5},
				),
				args => {
					expect(throughLab(name, args)).toEqual(['C:\\a b\\x.exe', ...args]);
				},
			),
			{numRuns: 500},
		);
	});

	test('PowerShell 7.3 would pass on another thing where it is not told to do as before', () => {
		const line = "& 'x.exe' '\"a\\\"b\"'";
		const [before] = shells.powershell.parse(line, environment);
		const [now] = shells.pwsh.parse(line, environment);
		expect(before?.do === 'run' && labArguments(before.commandLine)).toEqual(['x.exe', 'a"b']);
		expect(now?.do === 'run' && labArguments(now.commandLine)).toEqual(['x.exe', '"a\\"b"']);
	});
});
