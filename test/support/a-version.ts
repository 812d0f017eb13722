import {type Version, parseVersion} from '../../source/domain/version.ts';

/** The version that a text names, which it must. */
export function aVersion(text: string): Version {
	const version = parseVersion(text);
	if (!version) {
		throw new Error(`${text} is no version`);
	}

	return version;
}
