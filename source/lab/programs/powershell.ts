import {connectToPorts} from './port-connections.ts';
import type {Program} from './program.ts';

/** What the time is, in a form that no language of Windows changes. Quotation marks of either kind do. */
const utcNow = /^\[(?:System\.)?DateTime\]::UtcNow\.ToString\(['"]o['"]\)$/i;

/**
 * `powershell.exe -NoProfile -Command …`. Of all that PowerShell can be asked, the lab knows the time and whether ports
 * of other servers answer.
 */
export const powershell: Program = run => {
	const {agent, args, print, complain} = run;
	const at = args.findIndex(arg => /^-c(?:ommand)?$/i.test(arg));
	const expression = args
		.slice(at + 1)
		.join(' ')
		.trim();
	if (at !== -1 && connectToPorts(run, expression)) {
		return Promise.resolve(0);
	}

	if (at === -1 || !utcNow.test(expression)) {
		complain(`The practice cluster's PowerShell does not know “${expression}”.`);
		return Promise.resolve(1);
	}

	// Seven digits, as .NET writes them.
	print(agent.clock.now().toISOString().replace('Z', '0000Z'));
	return Promise.resolve(0);
};
