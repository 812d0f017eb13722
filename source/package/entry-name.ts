import {visibleText} from '../domain/text.ts';

/** Why a name inside a zip is not to be used as a path. */
export interface NameFlaw {
	/**
	 * *escapes*: it points out of the folder that it is unpacked to; *invalid*: Windows knows no such file;
	 * *misleading*: it does not look like what it is.
	 */
	readonly kind: 'escapes' | 'invalid' | 'misleading';
	/** Completes "contains X, …". */
	readonly reason: string;
}

// Windows takes these for devices, whatever extension follows, and does not see blanks before it.
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;
const forbidden = /[\u0000-\u001F<>"|?*]/;

/**
 * What is wrong with a name, by the rules of Windows, on which the package is unpacked, and of this computer.
 * Undefined for a good one. Both slashes divide; a slash at the end marks a folder.
 */
export function flawOf(name: string): NameFlaw | undefined {
	const path = name.replaceAll('\\', '/');
	if (path === '') {
		return {kind: 'invalid', reason: 'an empty name'};
	}

	if (path.startsWith('/')) {
		return {kind: 'escapes', reason: 'an absolute path'};
	}

	// A colon names a drive or, further on, a hidden stream of another file.
	if (path.includes(':')) {
		return {kind: 'escapes', reason: 'a path with a drive or a stream'};
	}

	const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
	// Windows drops blanks and dots at the end of a name: ".. " is "..".
	if (segments.some(segment => /^\.[. ]+$/.test(segment))) {
		return {kind: 'escapes', reason: 'a path that leads out of its folder'};
	}

	if (segments.some(segment => forbidden.test(segment) || device.test(segment) || /[. ]$/.test(segment))) {
		return {kind: 'invalid', reason: 'a name that Windows does not allow'};
	}

	if (segments.includes('')) {
		return {kind: 'invalid', reason: 'a path with an empty part'};
	}

	return visibleText(path, path.length) === path
		? undefined
		: {kind: 'misleading', reason: 'a name with characters that are not seen'};
}

/**
 * Control characters in a name as it stands in the zip. In the old code page of zips (437) they stand for signs such as an
 * arrow, and whoever reads it as text sees those; others, Windows among them, take them for what they are.
 */
export function flawOfBytes(rawName: Uint8Array): NameFlaw | undefined {
	return rawName.some(byte => byte < 0x20 || byte === 0x7f)
		? {kind: 'invalid', reason: 'a name with control characters'}
		: undefined;
}

/** The form in which two names are the same to Windows: forward slashes, lower case. */
export function comparable(name: string): string {
	return name.replaceAll('\\', '/').toLowerCase();
}
