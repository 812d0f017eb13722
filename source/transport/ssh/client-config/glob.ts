import {ExpansionError} from './expand.ts';
import {type PatternPart, lowerCase, matchesParts} from './host-pattern.ts';
import {type Surroundings, pathsOf} from './surroundings.ts';

/** Files and folders that one pattern may name; more than anybody has, and few enough to wait for. */
const mostFiles = 1000;

/**
 * The paths that a pattern of `Include` names, in the order of their characters: `*`, `?` and `[a-z]` within a name, a
 * dot at its beginning only where the pattern has it too, a backslash before what is meant as it is (not on Windows).
 * A path without any of them is given back as it is.
 * @param pattern absolute, or relative to the working folder
 * @throws ExpansionError for a pattern that names too much
 */
export async function globPaths(pattern: string, surroundings: Surroundings): Promise<readonly string[]> {
	const windows = surroundings.platform === 'win32';
	if (!/[*?[]/.test(pattern)) {
		return [windows ? pattern : pattern.replaceAll(/\\(.)/g, '$1')];
	}

	const paths = pathsOf(surroundings);
	const {root} = paths.parse(pattern);
	const names = pattern
		.slice(root.length)
		.split(windows ? /[\\/]/ : '/')
		.filter(name => name !== '');
	let found = [root];
	for (const name of names) {
		if (!/[*?[]/.test(name)) {
			const literal = windows ? name : name.replaceAll(/\\(.)/g, '$1');
			found = found.map(folder => paths.join(folder, literal));
			continue;
		}

		const parts = nameParts(name, windows);
		const next: string[] = [];
		for (const folder of found) {
			const inside = await surroundings.listFolder(folder === '' ? '.' : folder);
			next.push(
				...(inside ?? [])
					.filter(
						each => (!each.startsWith('.') || name.startsWith('.')) && matchesParts(Array.from(each), parts),
					)
					.map(each => paths.join(folder, each)),
			);
		}

		if (next.length > mostFiles) {
			throw new ExpansionError(`“${pattern}” names more than ${mostFiles} files`);
		}

		found = next;
	}

	return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The parts of a pattern for one name. */
function nameParts(pattern: string, windows: boolean): readonly PatternPart[] {
	const characters = Array.from(pattern);
	const parts: PatternPart[] = [];
	for (let at = 0; at < characters.length; at++) {
		const character = characters[at] ?? '';
		const close = character === '[' ? characters.indexOf(']', at + 2) : -1;
		if (character === '*') {
			parts.push('*');
		} else if (character === '?') {
			parts.push(() => true);
		} else if (close !== -1) {
			const negated = characters[at + 1] === '!';
			const inClass = classOf(characters.slice(at + (negated ? 2 : 1), close));
			parts.push(each => inClass(each) !== negated);
			at = close;
		} else {
			const literal = character === '\\' && !windows ? (characters[++at] ?? '\\') : character;
			parts.push(each => (windows ? lowerCase(each) === lowerCase(literal) : each === literal));
		}
	}

	return parts;
}

/** Single characters and ranges (`a-z`), as between square brackets. */
function classOf(characters: readonly string[]): (character: string) => boolean {
	const ranges: [string, string][] = [];
	for (let at = 0; at < characters.length; at++) {
		const from = characters[at] ?? '';
		const to = characters[at + 1] === '-' ? characters[at + 2] : undefined;
		ranges.push([from, to ?? from]);
		at += to === undefined ? 0 : 2;
	}

	return character => ranges.some(([from, to]) => from <= character && character <= to);
}
