import {execFile} from 'node:child_process';
import {homedir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {configFolder} from '../config/config-folder.ts';
import {isFileSystemError, makePrivateFolder, whyFolderFails} from '../config/state-folder.ts';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

const icaclsMs = 60_000;

/** LocalSystem and the administrators, whatever the language of Windows calls them. Source: "Well-known SIDs" of Microsoft */
const trusted = ['*S-1-5-18', '*S-1-5-32-544'] as const;

/** Where the tokens and the certificate of the service are. On Windows one place for all who may run or manage it. */
export function defaultServiceFolder(): string {
	if (process.platform === 'win32') {
		return path.win32.join(
			process.env['ProgramData'] ?? String.raw`C:\ProgramData`,
			'dms-upgrade',
			'service',
		);
	}

	return path.join(
		configFolder({platform: process.platform, environment: process.env, home: homedir()}),
		'service',
	);
}

/** Makes a folder that nobody else may look into. Throws `ServiceFolderError`. */
export async function prepareServiceFolder(folder: string): Promise<void> {
	try {
		await makePrivateFolder(folder);
		if (process.platform === 'win32') {
			await closeToOthers(folder);
		}
	} catch (error) {
		// A failure of icacls.exe has a code, too; what it says is in the words of this Windows.
		const [reason, nextStep] = isFileSystemError(error)
			? whyFolderFails(error)
			: ['it cannot be closed to other users (icacls.exe)', 'Run it as an administrator'];
		throw new ServiceFolderError(folder, reason, nextStep, {cause: error});
	}
}

/** What is in ProgramData may be read by every user of the computer, unless that is taken away. */
async function closeToOthers(folder: string): Promise<void> {
	const icacls = path.win32.join(
		process.env['SystemRoot'] ?? String.raw`C:\Windows`,
		'System32',
		'icacls.exe',
	);
	const run = promisify(execFile);
	const options = {timeout: icaclsMs, windowsHide: true};
	// Whoever owns it could give himself every right again.
	await run(icacls, [folder, '/setowner', trusted[1], '/q'], options);
	await run(
		icacls,
		[folder, '/inheritance:r', ...trusted.flatMap(who => ['/grant:r', `${who}:(OI)(CI)F`]), '/q'],
		options,
	);
}

/** The folder of the service cannot be made, written, or closed to others. */
export class ServiceFolderError extends UserError {
	readonly code = 'SERVICE_FOLDER';
	readonly nextSteps: readonly string[];
	constructor(
		readonly folder: string,
		reason: string,
		nextStep: string,
		options?: ErrorOptions,
	) {
		super(`The folder ${visibleText(folder)} cannot be used: ${reason}.`, options);
		this.nextSteps = [`${nextStep}, or name another folder with --folder.`];
	}
}
