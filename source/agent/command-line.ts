import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';
import type {ProgramCall} from './machine.ts';

/** The programs in which a Windows SSH server runs what it is told; `powershell`: of any version. */
export type Shell = 'cmd' | 'powershell';

/** An argument that no shell of Windows can pass on. */
export class ArgumentNotAllowedError extends UserError {
	readonly code = 'ARGUMENT_NOT_ALLOWED';
	constructor(
		readonly argument: string,
		reason = 'it has a line break or NUL',
	) {
		super(`“${visibleText(argument, 100)}” cannot be given to a program on Windows: ${reason}.`);
	}

	get nextSteps() {
		return ['Remove that from this value in the inventory.'];
	}
}

/** A line that makes the shell run exactly this program with exactly these arguments, and end with its exit code. */
export function commandLine(shell: Shell, {program, args}: ProgramCall): string {
	checkWords([program, ...args]);
	return shell === 'cmd'
		? [cmdProgram(program), ...args.map(cmdWord)].join(' ')
		: powerShellLine(program, args);
}

function checkWords(words: readonly string[]): void {
	const impossible = words.find(word => /[\0\r\n]/.test(word));
	if (impossible !== undefined) {
		throw new ArgumentNotAllowedError(impossible);
	}
}

/** What CreateProcess of Windows is told in order to start a program, with no shell between. */
export interface ProcessStart {
	/** The program that is started. */
	readonly file: string;
	/** How its command line begins: its own name. */
	readonly name: string;
	/** The rest of the command line, as one string. */
	readonly arguments: string;
}

/**
 * Starts exactly this program with exactly these arguments. A batch file is no program: the command interpreter at
 * `comSpec` (cmd.exe) runs it. It reads the arguments once more for each place where the file uses them, so that those
 * with a quotation mark, `%` or `!` are refused: what they would become depends on the file.
 */
export function processStart({program, args}: ProgramCall, comSpec: string): ProcessStart {
	checkWords([program, ...args]);
	if (!/\.(?:bat|cmd)$/i.test(program)) {
		return {file: program, name: quotedName(program), arguments: argumentString(args)};
	}

	const unclear = args.find(argument => /["%!]/.test(argument));
	if (unclear !== undefined) {
		throw new ArgumentNotAllowedError(
			unclear,
			'a batch file would take a quotation mark, % or ! for its own',
		);
	}

	// With /s, cmd.exe takes away the outer quotation marks and leaves what is between them as it is.
	const line = commandLine('cmd', {program, args});
	return {file: comSpec, name: quotedName(comSpec), arguments: `/d /s /c "${line}"`};
}

/** The name of a program on a command line knows no backslash rules, and a file name has no quotation mark. */
function quotedName(program: string): string {
	if (program.includes('"')) {
		throw new ArgumentNotAllowedError(program, 'the name of a program has no quotation mark');
	}

	return /\s/.test(program) ? `"${program}"` : program;
}

/**
 * PowerShell 7.3 and later pass arguments on as they are, unless they are told to do it as every version before did. To
 * those, the setting is a variable like any other. Source: about_Preference_Variables.md,
 * $PSNativeCommandArgumentPassing
 */
const asBefore = "$PSNativeCommandArgumentPassing = 'Legacy'; ";

function powerShellLine(program: string, args: readonly string[]): string {
	const words = [powerShellLiteral(program), ...args.map(powerShellArgument)];
	// What no version spoils needs no setting, and stays readable.
	return `${args.some(isSpoiled) ? asBefore : ''}& ${words.join(' ')}; exit $LASTEXITCODE`;
}

/** The arguments as the one string that Windows hands to a program. */
export function argumentString(args: readonly string[]): string {
	return args.map(argument => (/^[^\s"]+$/.test(argument) ? argument : quoted(argument))).join(' ');
}

/**
 * Quotes so that `CommandLineToArgvW` and the C runtime read the argument back as it was: backslashes count only
 * before a quotation mark, where two stand for one.
 */
function quoted(argument: string): string {
	return `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/**
 * The program is what cmd.exe looks for by itself: outside of quotation marks it ends for it at a blank, `,`, `;` or
 * `=`, and at a `/` begins a switch; within them `%NAME%` is replaced all the same.
 */
function cmdProgram(program: string): string {
	if (/["%!]/.test(program)) {
		throw new ArgumentNotAllowedError(
			program,
			'cmd.exe would take a quotation mark, % or ! in the name of a program for its own',
		);
	}

	return /^[\w\\.:+-]+$/.test(program) ? program : `"${program}"`;
}

/**
 * Between its quotation marks cmd.exe leaves everything alone but `%` and, where delayed expansion is on, `!`. An
 * argument with one of these, or with a quotation mark of its own, is written outside of them, with a caret before
 * each character that means something; `^%` never names a variable.
 */
function cmdWord(word: string): string {
	if (/^[\w\\/.:=+@-]+$/.test(word)) {
		return word;
	}

	return /["%!]/.test(word) ? quoted(word).replaceAll(/[()%!^"<>&|]/g, '^$&') : quoted(word);
}

/** A word as PowerShell writes it, which takes the typographic quotation marks for the plain one. */
export function powerShellLiteral(word: string): string {
	return `'${word.replaceAll(/['\u2018-\u201B]/g, '$&$&')}'`;
}

/**
 * Windows PowerShell puts quotation marks around an argument with blanks by itself, but it loses empty arguments,
 * does not escape quotation marks inside, and forgets backslashes at the end. What it would spoil it gets quoted already.
 */
function powerShellArgument(word: string): string {
	return powerShellLiteral(isSpoiled(word) ? quoted(word) : word);
}

function isSpoiled(word: string): boolean {
	// .NET counts U+0085 among the blanks.
	return word === '' || word.includes('"') || (/[\s\u0085]/.test(word) && word.endsWith('\\'));
}
