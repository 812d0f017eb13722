import {hasFlag, positionals} from './commands/flags.ts';
import {appearanceOf} from './config/appearance.ts';
import {splashFrame} from './ui/splash.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const enterAlternateScreen = '\u001B[?1049h\u001B[?25l\u001B[H';
const leaveAlternateScreen = '\u001B[?1049l\u001B[?25h';

/** Whether these arguments, on this terminal, open the dashboard. */
export function opensDashboard(
	argv: readonly string[],
	environment: Environment,
	terminal: boolean,
): boolean {
	return (
		terminal &&
		environment['TERM'] !== 'dumb' &&
		asksForScreen(argv) &&
		!hasFlag(argv, 'help') &&
		!hasFlag(argv, 'version') &&
		!argv.includes('-h') &&
		!argv.includes('-V')
	);
}

/** No command, or `attach`, which is for looking on. */
function asksForScreen(argv: readonly string[]): boolean {
	const [command, ...input] = positionals(argv);
	return command === undefined || (command === 'attach' && input.length <= 1 && !hasFlag(argv, 'json'));
}

/** Draws the frame of the dashboard, empty. Keys that are typed from here on are kept for it and not echoed. */
export function paintSplash(
	stdin: NodeJS.ReadStream,
	stdout: NodeJS.WriteStream,
	environment: Environment,
	argv: readonly string[],
): void {
	stdin.setRawMode(true);
	const {ascii} = appearanceOf(environment, hasFlag(argv, 'ascii'), process.platform);
	stdout.write(enterAlternateScreen + splashFrame({columns: stdout.columns, rows: stdout.rows, ascii}));
}

/** Leaves the terminal as it was found, also when the dashboard could not be opened after all. */
export function removeSplash(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): void {
	stdin.setRawMode(false);
	stdout.write(leaveAlternateScreen);
}
