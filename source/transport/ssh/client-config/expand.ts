import {type Surroundings, pathsOf} from './surroundings.ts';

/** Why a text could not be expanded: a clause for the user. */
export class ExpansionError extends Error {}

/** What `%` and one letter stand for. */
export type Tokens = Readonly<Record<string, string>>;

/**
 * Puts in what `%x` stands for, and with an environment also what `${NAME}` stands for.
 * Source: OpenSSH misc.c, `vdollar_percent_expand`.
 * @throws ExpansionError for an unknown token, and for a variable that is not set
 */
export function expandTokens(
	text: string,
	tokens: Tokens,
	environment?: Surroundings['environment'],
): string {
	let expanded = '';
	for (let at = 0; at < text.length; at++) {
		if (environment && text.startsWith('${', at)) {
			const end = text.indexOf('}', at);
			const name = text.slice(at + 2, end);
			if (end === -1 || name === '') {
				throw new ExpansionError('a “${” needs a name and a “}”');
			}

			const value = environment[name];
			if (value === undefined) {
				throw new ExpansionError(`the environment variable ${name} is not set`);
			}

			expanded += value;
			at = end;
		} else if (text[at] === '%') {
			const letter = text[++at] ?? '';
			const value = letter === '%' ? '%' : Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
			if (value === undefined) {
				throw new ExpansionError(`“%${letter}” means nothing here`);
			}

			expanded += value;
		} else {
			expanded += text[at] ?? '';
		}
	}

	return expanded;
}

/**
 * Puts the home folder in the place of a `~` at the beginning.
 * @throws ExpansionError for the home folder of somebody else
 */
export function expandTilde(path: string, surroundings: Surroundings, home = surroundings.home): string {
	if (!path.startsWith('~')) {
		return path;
	}

	const windows = surroundings.platform === 'win32';
	const name = path.slice(1).split(windows ? /[\\/]/ : '/')[0] ?? '';
	if (name !== '' && name !== surroundings.localUser) {
		throw new ExpansionError(`the home folder of ${name} is not looked up; only “~/” is`);
	}

	const {sep} = pathsOf(surroundings);
	const rest = path.slice(1 + name.length).replace(windows ? /^[\\/]+/ : /^\/+/, '');
	const folder = home.endsWith('/') || home.endsWith(sep) ? home : `${home}${sep}`;
	return folder + rest;
}
