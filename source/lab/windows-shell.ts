import {powershell, pwsh} from './powershell.ts';

/** What the SSH server's shell makes of a command line. */
export type ShellStep =
	/** A program is run; `commandLine` is the text that Windows hands to it, its own name included. */
	| {readonly do: 'run'; readonly commandLine: string}
	| {readonly do: 'print'; readonly text: string}
	/** `last`: with the exit code of the program that ran last. */
	| {readonly do: 'exit'; readonly code: number | 'last'}
	| {readonly do: 'fail'; readonly message: string};

/** `pwsh`: PowerShell 7.3 or later. */
export type ShellName = 'cmd' | 'powershell' | 'pwsh';

export interface Shell {
	readonly name: ShellName;
	/** Reads a whole command line as the shell does: what it will do, in order. */
	parse(command: string, environment: Environment): readonly ShellStep[];
	/** What it prints and answers for a program that is not there. */
	notFound(program: string): {readonly message: string; readonly exitCode: number};
	/** The shell's own exit code after its last step. */
	exitCode(lastProgram: number): number;
	/** Whether a bare name without `.exe` finds a program. */
	readonly addsExtension: boolean;
}

/** Names in lower case. */
export type Environment = ReadonlyMap<string, string>;

const cmd: Shell = {
	name: 'cmd',
	addsExtension: true,
	parse: parseCmd,
	notFound(program) {
		const message = program.includes('\\')
			? 'The system cannot find the path specified.'
			: `'${program}' is not recognized as an internal or external command,\r\noperable program or batch file.`;
		return {message, exitCode: 1};
	},
	exitCode: lastProgram => lastProgram,
};

export const shells: Readonly<Record<ShellName, Shell>> = {cmd, powershell, pwsh};

/**
 * `cmd.exe /c`: variables are replaced everywhere, also within quotes; outside quotes `^` takes the next character
 * as it is and `& | < >` are operators, of which the lab has none.
 */
function parseCmd(command: string, environment: Environment): readonly ShellStep[] {
	const line = command.trim().replaceAll(/%([^%\r\n]+)%/g, (whole, name: string) => {
		return environment.get(name.toLowerCase()) ?? whole;
	});
	let plain = '';
	let quoted = false;
	for (let index = 0; index < line.length; index += 1) {
		const character = line.charAt(index);
		if (character === '"') {
			quoted = !quoted;
		} else if (!quoted && character === '^') {
			index += 1;
			plain += line.charAt(index);
			continue;
		} else if (!quoted && '&|<>\r\n'.includes(character)) {
			return [
				{do: 'fail', message: `The practice cluster's cmd.exe knows no "${character}" outside quotes.`},
			];
		}

		plain += character;
	}

	const echo = /^echo(?:[ .](?<text>.*))?$/i.exec(plain);
	return echo
		? [{do: 'print', text: echo.groups?.['text'] ?? 'ECHO is on.'}]
		: [{do: 'run', commandLine: plain}];
}

/**
 * Cuts a command line into arguments as C programs on Windows do. Source: "Parsing C command-line arguments" and
 * CommandLineToArgvW of the Windows documentation. The first argument, the program, knows no backslash rules.
 */
export function argumentsOf(commandLine: string): readonly string[] {
	const line = commandLine.trimStart();
	const program = line.startsWith('"') ? /^"([^"]*)"?/.exec(line) : /^[^ \t]*/.exec(line);
	const found: string[] = [program?.[1] ?? program?.[0] ?? ''];
	let index = program?.[0].length ?? 0;
	while (index < line.length) {
		while (line[index] === ' ' || line[index] === '\t') {
			index += 1;
		}

		if (index >= line.length) {
			break;
		}

		const argument = argumentAt(line, index);
		found.push(argument.text);
		index = argument.end;
	}

	return found;
}

function argumentAt(line: string, start: number): {text: string; end: number} {
	let text = '';
	let quoted = false;
	let index = start;
	while (index < line.length) {
		const character = line.charAt(index);
		if (character === '\\') {
			const slashes = /^\\+/.exec(line.slice(index))?.[0].length ?? 1;
			index += slashes;
			if (line[index] !== '"') {
				text += '\\'.repeat(slashes);
				continue;
			}

			text += '\\'.repeat(Math.floor(slashes / 2));
			if (slashes % 2 === 1) {
				text += '"';
				index += 1;
			}
		} else if (character === '"') {
			// Within quotes, two of them stand for one that belongs to the argument.
			if (quoted && line[index + 1] === '"') {
				text += '"';
				index += 1;
			} else {
				quoted = !quoted;
			}

			index += 1;
		} else if (!quoted && (character === ' ' || character === '\t')) {
			break;
		} else {
			text += character;
			index += 1;
		}
	}

	return {text, end: index};
}
