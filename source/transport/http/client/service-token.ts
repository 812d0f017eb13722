import {readFile, stat} from 'node:fs/promises';
import {visibleText} from '../../../domain/text.ts';
import {TokenMissingError} from './service-errors.ts';

/** Whether it could be a token of a service. */
export function isTokenLike(text: string): boolean {
	return /^[\w-]{20,200}$/.test(text);
}

/** The token in a file, read again each time: it may have been replaced. Rejects with `TokenMissingError`. */
export async function tokenIn(file: string, address: string): Promise<string> {
	const shown = visibleText(file, 300);
	let text;
	try {
		// As ssh does with private keys. Windows keeps rights elsewhere.
		if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
			throw new TokenMissingError(address, `others than you can read ${shown}; make it yours: chmod 600`);
		}

		text = await readFile(file, 'utf8');
	} catch (error) {
		throw error instanceof TokenMissingError
			? error
			: new TokenMissingError(address, `${shown} cannot be read`, {cause: error});
	}

	const token = text.trim();
	if (!isTokenLike(token)) {
		throw new TokenMissingError(address, `${shown} holds no token`);
	}

	return token;
}
