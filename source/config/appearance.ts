/** What the dashboard may draw with on a terminal. */
export interface TerminalAppearance {
	readonly color: boolean;
	readonly ascii: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads from the environment what the terminal can show. `NO_COLOR` (any value but the empty one) takes the colours
 * away; `--ascii`, the Linux console and a locale without UTF-8 leave ASCII only.
 */
export function appearanceOf(
	environment: Environment,
	ascii: boolean,
	platform: NodeJS.Platform,
): TerminalAppearance {
	return {
		color: !environment['NO_COLOR'],
		ascii: ascii || environment['TERM'] === 'linux' || !speaksUtf8(environment, platform),
	};
}

function speaksUtf8(environment: Environment, platform: NodeJS.Platform): boolean {
	if (platform === 'win32') {
		return true;
	}

	// An empty variable counts as one that is not set.
	const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(Boolean);
	return /utf-?8/i.test(locale ?? '');
}
