import type {ProgramCall} from './machine.ts';

/**
 * Runs a script in Windows PowerShell, which every Windows has. It travels in base64, so that no shell on the way can
 * take any of it for something else. Source: about_PowerShell_exe.md, -EncodedCommand
 */
export function powerShellCall(script: string): ProgramCall {
	// Without that it writes its progress to stderr, as XML.
	const quiet = `$ProgressPreference = 'SilentlyContinue'; ${script}`;
	return {
		program: 'powershell.exe',
		args: [
			'-NoProfile',
			'-NonInteractive',
			'-EncodedCommand',
			Buffer.from(quiet, 'utf16le').toString('base64'),
		],
	};
}
