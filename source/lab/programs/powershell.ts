import {connectToPorts} from './port-connections.ts';
import {manageProcesses} from './detached-processes.ts';
import type {Program} from './program.ts';

/** What the time is, in a form that no language of Windows changes. Quotation marks of either kind do. */
const utcNow = /^\[(?:System\.)?DateTime\]::UtcNow\.ToString\(['"]o['"]\)$/i;

/**
 * `powershell.exe -NoProfile -Command …`, or `-EncodedCommand …`. Of all that PowerShell can be asked, the lab knows the
 * time, whether ports of other servers answer, and to start and find processes.
 */
export const powershell: Program = async run => {
	const {agent, args, print, complain} = run;
	const encoded = args.findIndex(arg => /^-encodedcommand$/i.test(arg));
	if (encoded !== -1) {
		const script = Buffer.from(args[encoded + 1] ?? '', 'base64').toString('utf16le');
		if (await manageProcesses(run, script)) {
			return 0;
		}

		complain(`The practice cluster's PowerShell does not know “${script}”.`);
		return 1;
	}

	const at = args.findIndex(arg => /^-c(?:ommand)?$/i.test(arg));
	const expression = args
		.slice(at + 1)
		.join(' ')
		.trim();
	if (at !== -1 && connectToPorts(run, expression)) {
		return 0;
	}

	if (at === -1 || !utcNow.test(expression)) {
		complain(`The practice cluster's PowerShell does not know “${expression}”.`);
		return 1;
	}

	// Seven digits, as .NET writes them.
	print(agent.clock.now().toISOString().replace('Z', '0000Z'));
	return 0;
};
