import type {Environment, Shell, ShellStep} from './windows-shell.ts';

type Token =
	| {readonly kind: 'word'; readonly text: string; readonly quoted: boolean; readonly variable: boolean}
	| {readonly kind: 'call' | 'end'};

class PowerShellSyntaxError extends Error {}

/** Windows PowerShell 5.1, started as `powershell.exe -c`. */
export const powershell: Shell = powerShellNamed('powershell', () => 'Legacy');

/** PowerShell 7.3 or later, started as `pwsh.exe -c`. */
export const pwsh: Shell = powerShellNamed('pwsh', told => told ?? 'Windows');

/** `passing`: how arguments reach programs, where `$PSNativeCommandArgumentPassing` was set to this before. */
function powerShellNamed(name: Shell['name'], passing: (told: string | undefined) => string): Shell {
	return {
		name,
		// A bare `sc` is the alias of Set-Content there.
		addsExtension: false,
		parse(command, environment) {
			try {
				const told = assignment.exec(command);
				const asBefore =
					passing(
						told?.groups?.['name']?.toLowerCase() === passingVariable ? told.groups['value'] : undefined,
					) === 'Legacy';
				return statementsOf(tokensOf(command.slice(told?.[0].length ?? 0), environment)).flatMap(statement =>
					stepsOf(statement, asBefore),
				);
			} catch (error) {
				if (error instanceof PowerShellSyntaxError) {
					return [{do: 'fail', message: error.message}];
				}

				throw error;
			}
		},
		notFound(program) {
			const message =
				`${program} : The term '${program}' is not recognized as the name of a cmdlet, function, script file, ` +
				'or operable program.\r\n    + FullyQualifiedErrorId : CommandNotFoundException';
			return {message, exitCode: 1};
		},
		// Without an `exit` it tells only whether the last program did well. Source: about_PowerShell_exe.md, -Command
		exitCode: lastProgram => (lastProgram === 0 ? 0 : 1),
	};
}

/** A line that begins with it sets a variable first. */
const assignment = /^\s*\$(?<name>\w+)\s*=\s*'(?<value>[^']*)'\s*;/;

/** How arguments are passed on to programs. Source: about_Preference_Variables.md */
const passingVariable = 'psnativecommandargumentpassing';

// PowerShell takes typographic quotes for plain ones.
const singleQuotes = "'‘’‚‛";
const doubleQuotes = '"“”„';

function tokensOf(command: string, environment: Environment): readonly Token[] {
	const tokens: Token[] = [];
	let index = 0;
	while (index < command.length) {
		const character = command.charAt(index);
		if (character === ' ' || character === '\t') {
			index += 1;
		} else if (character === ';' || character === '\n' || character === '\r') {
			tokens.push({kind: 'end'});
			index += 1;
		} else if (character === '&') {
			if (command[index + 1] === '&') {
				throw new PowerShellSyntaxError("The token '&&' is not a valid statement separator in this version.");
			}

			tokens.push({kind: 'call'});
			index += 1;
		} else if ('|<>(){}@#'.includes(character)) {
			throw new PowerShellSyntaxError(
				`The practice cluster's PowerShell knows no "${character}" outside quotes.`,
			);
		} else {
			const word = wordAt(command, index, environment);
			tokens.push(word.token);
			index = word.end;
		}
	}

	return tokens;
}

function wordAt(command: string, start: number, environment: Environment): {token: Token; end: number} {
	let text = '';
	let index = start;
	const first = command.charAt(start);
	const quoted = singleQuotes.includes(first) || doubleQuotes.includes(first);
	while (index < command.length && !' \t;\r\n&|<>(){}'.includes(command.charAt(index))) {
		const character = command.charAt(index);
		if (singleQuotes.includes(character)) {
			const part = singleQuotedAt(command, index);
			text += part.text;
			index = part.end;
		} else if (doubleQuotes.includes(character)) {
			const part = doubleQuotedAt(command, index, environment);
			text += part.text;
			index = part.end;
		} else if (character === '`') {
			text += command.charAt(index + 1);
			index += 2;
		} else {
			text += character;
			index += 1;
		}
	}

	const variable = first === '$';
	const value = variable ? expanded(text, environment) : text;
	return {token: {kind: 'word', text: value, quoted, variable}, end: index};
}

function singleQuotedAt(command: string, start: number): {text: string; end: number} {
	let text = '';
	for (let index = start + 1; index < command.length; index += 1) {
		if (!singleQuotes.includes(command.charAt(index))) {
			text += command.charAt(index);
		} else if (index + 1 < command.length && singleQuotes.includes(command.charAt(index + 1))) {
			text += command.charAt(index);
			index += 1;
		} else {
			return {text, end: index + 1};
		}
	}

	throw new PowerShellSyntaxError("The string is missing the terminator: '.");
}

function doubleQuotedAt(
	command: string,
	start: number,
	environment: Environment,
): {text: string; end: number} {
	let text = '';
	let literal = '';
	for (let index = start + 1; index < command.length; index += 1) {
		const character = command.charAt(index);
		if (character === '`') {
			index += 1;
			text += expanded(literal, environment) + command.charAt(index);
			literal = '';
		} else if (!doubleQuotes.includes(character)) {
			literal += character;
		} else if (index + 1 < command.length && doubleQuotes.includes(command.charAt(index + 1))) {
			literal += character;
			index += 1;
		} else {
			return {text: text + expanded(literal, environment), end: index + 1};
		}
	}

	throw new PowerShellSyntaxError('The string is missing the terminator: ".');
}

/** Variables that are not set are empty. `$LASTEXITCODE` stays, since only the run knows it. */
function expanded(text: string, environment: Environment): string {
	return text.replaceAll(/\$(?:env:(\w+)|(\w+))/gi, (whole, name?: string, variable?: string) => {
		return /^lastexitcode$/i.test(variable ?? '')
			? whole
			: (environment.get(name?.toLowerCase() ?? '') ?? '');
	});
}

function statementsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
	const statements: Token[][] = [[]];
	for (const token of tokens) {
		if (token.kind === 'end') {
			statements.push([]);
		} else {
			statements.at(-1)?.push(token);
		}
	}

	return statements.filter(statement => statement.length > 0);
}

function stepsOf(statement: readonly Token[], asBefore: boolean): readonly ShellStep[] {
	const called = statement[0]?.kind === 'call';
	const words = (called ? statement.slice(1) : statement).map(token => {
		if (token.kind !== 'word') {
			throw new PowerShellSyntaxError('The ampersand (&) character is not allowed here.');
		}

		return token;
	});
	const [first, ...others] = words;
	if (!first) {
		throw new PowerShellSyntaxError("An expression was expected after '&'.");
	}

	// A string at the beginning is a value and no program, unless `&` calls it.
	if (!called && (first.quoted || first.variable)) {
		if (others.length > 0) {
			throw new PowerShellSyntaxError(
				`Unexpected token '${others[0]?.text ?? ''}' in expression or statement.`,
			);
		}

		return [{do: 'print', text: first.text}];
	}

	const name = first.text.toLowerCase();
	if (!called && (name === 'echo' || name === 'write-output')) {
		return [{do: 'print', text: others.map(word => word.text).join('\r\n')}];
	}

	if (!called && name === 'exit') {
		const code = others[0]?.text ?? '0';
		return [{do: 'exit', code: /^\$lastexitcode$/i.test(code) ? 'last' : Number.parseInt(code, 10) || 0}];
	}

	return [
		{
			do: 'run',
			commandLine: (asBefore ? nativeCommandLine : exactCommandLine)(
				first.text,
				others.map(word => word.text),
			),
		},
	];
}

/**
 * What PowerShell 5.1 hands to a program: arguments with blanks are put in quotes, quotes within an argument are
 * left as they are (and thus lost), empty arguments vanish.
 */
function nativeCommandLine(program: string, args: readonly string[]): string {
	const quoted = args
		.filter(arg => arg !== '')
		.map(arg => {
			const trailing = /\\+$/.exec(arg)?.[0] ?? '';
			return /\s/.test(arg) && !arg.startsWith('"') ? `"${arg}${trailing}"` : arg;
		});
	return [`"${program}"`, ...quoted].join(' ');
}

/** What PowerShell 7.3 hands to a program: every argument so that the program reads it as it was. */
function exactCommandLine(program: string, args: readonly string[]): string {
	const words = args.map(arg =>
		/^[^\s"]+$/.test(arg) ? arg : `"${arg.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`,
	);
	return [`"${program}"`, ...words].join(' ');
}
