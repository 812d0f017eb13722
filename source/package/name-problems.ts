import type {PackageProblem} from '../domain/package-facts.ts';
import {visibleText} from '../domain/text.ts';
import type {ArchiveEntry} from './archive-entry.ts';

/** What is wrong with the names in a package: one problem for each kind, with an example. */
export function nameProblems(entries: readonly ArchiveEntry[]): PackageProblem[] {
	const escaping = entries.filter(entry => entry.flaw?.kind === 'escapes');
	const invalid = entries.filter(entry => entry.flaw?.kind === 'invalid');
	const misleading = entries.filter(entry => entry.flaw?.kind === 'misleading');
	const encrypted = entries.filter(entry => entry.encrypted);
	const problems: PackageProblem[] = [];
	if (escaping[0]) {
		problems.push({
			code: 'ENTRY_NAME_ESCAPES',
			severity: 'block',
			message: `${count(escaping)} would be written outside the package's folder: ${example(escaping[0])}.`,
		});
	}

	if (invalid[0]) {
		problems.push({
			code: 'ENTRY_NAME_INVALID',
			severity: 'warn',
			message: `${count(invalid)} cannot be unpacked on Windows: ${example(invalid[0])}.`,
		});
	}

	if (misleading[0]) {
		problems.push({
			code: 'ENTRY_NAME_MISLEADING',
			severity: 'warn',
			message: `${count(misleading)} may not look like what it is: ${example(misleading[0])}.`,
		});
	}

	if (encrypted[0]) {
		problems.push({
			code: 'ENTRY_ENCRYPTED',
			severity: 'block',
			message: `${count(encrypted)} cannot be unpacked, being encrypted: "${visibleText(encrypted[0].name, 100)}".`,
		});
	}

	return problems;
}

/**
 * Names of one zip that are the same file to Windows, or a file and a folder at once: which of them is there after
 * unpacking depends on who unpacks. UpdateContent.txt is judged apart.
 */
export function collisionProblems(entries: readonly ArchiveEntry[]): PackageProblem[] {
	const twice = duplicateNames(entries).filter(name => name !== 'updatecontent.txt');
	const files = new Set(entries.filter(({folder}) => !folder).map(({key}) => key));
	const both = [...files].filter(key => parentsOf(key).some(parent => files.has(parent)));
	const [name] = [...twice, ...both];
	return name === undefined
		? []
		: [
				{
					code: 'ENTRY_NAME_TWICE',
					severity: 'warn',
					message: `${twice.length + both.length === 1 ? '1 name is' : `${twice.length + both.length} names are`} used more than once, if upper and lower case are the same: "${visibleText(name, 100)}".`,
				},
			];
}

function parentsOf(key: string): string[] {
	const parents: string[] = [];
	for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
		parents.push(key.slice(0, at));
	}

	return parents;
}

/** The names, in their comparable form, that more than one file has. */
export function duplicateNames(entries: readonly ArchiveEntry[]): string[] {
	const seen = new Set<string>();
	const twice = new Set<string>();
	for (const {key, folder} of entries) {
		if (!folder) {
			(seen.has(key) ? twice : seen).add(key);
		}
	}

	return [...twice];
}

function count(entries: readonly ArchiveEntry[]): string {
	return entries.length === 1 ? '1 file' : `${entries.length} files`;
}

function example({name, flaw}: ArchiveEntry): string {
	return `"${visibleText(name, 100)}", ${flaw?.reason ?? ''}`;
}
