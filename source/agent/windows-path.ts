import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

/** `windowsPath('C:\\a', 'b', 'c')` is `C:\a\b\c`. */
export function windowsPath(folder: string, ...names: readonly string[]): string {
	return [folder.replace(/[\\/]+$/, ''), ...names].join('\\');
}

/** `C:` of `C:\Skyline DataMiner`; undefined for a path without a drive. */
export function driveOf(path: string): string | undefined {
	return /^[a-z]:/i.exec(path)?.[0];
}

// Windows treats these as devices in every folder, whatever their extension, and blanks before it count for nothing.
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?$/i;

/** True for a name that Windows takes as it stands for a file in the folder at hand, and for nothing else. */
export function isPlainFileName(name: string): boolean {
	return (
		name !== '' &&
		name.length <= 200 &&
		!/[\u0000-\u001F\u007F"*/:<>?\\|]/.test(name) &&
		!/[ .]$/.test(name) &&
		!name.startsWith(' ') &&
		!deviceName.test(name)
	);
}

/** A name that would leave its folder, or that Windows would take for something else than a file. */
export class UnsafeFileNameError extends UserError {
	readonly code = 'UNSAFE_FILE_NAME';
	constructor(readonly fileName: string) {
		super(`“${visibleText(fileName, 250)}” cannot be used as the name of a file on an Agent.`);
	}

	get nextSteps() {
		return ['Give the file a plain name: no path, none of the characters " * / : < > ? \\ |.'];
	}
}

/** The name itself. Throws `UnsafeFileNameError`. */
export function checkedFileName(name: string): string {
	if (!isPlainFileName(name)) {
		throw new UnsafeFileNameError(name);
	}

	return name;
}
