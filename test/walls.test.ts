import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';

const source = path.join(import.meta.dirname, '../source');

/** Which folders a folder may import from, besides itself. `commands` puts the parts together and may use all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
	domain: [],
	agent: ['domain'],
	journal: ['agent', 'domain'],
	package: ['domain'],
	config: ['domain'],
	transport: ['agent', 'domain'],
	lab: ['agent', 'package', 'config', 'domain'],
	orchestration: ['journal', 'agent', 'domain'],
	ui: ['orchestration', 'journal', 'agent', 'domain', 'config'],
	commands: ['ui', 'orchestration', 'journal', 'agent', 'transport', 'lab', 'package', 'config', 'domain'],
};

/** What only some folders may know of the outside. */
const packagesOf: Readonly<Record<string, RegExp>> = {
	ink: /^(ui)$/,
	react: /^(ui)$/,
	'ink-select-input': /^ui$/,
	'ink-spinner': /^ui$/,
	ssh2: /^(transport|lab)$/,
	yaml: /^config$/,
	yauzl: /^package$/,
	yazl: /^lab$/,
	meow: /^commands$/,
	'node:fs': /^(package|config|transport|lab|commands|journal|agent)$/,
	'node:net': /^(transport|lab)$/,
	'node:sqlite': /^(journal)$/,
	// The programs of the computer that the service runs on.
	'node:child_process': /^(commands|transport)$/,
};

interface Import {
	readonly from: string;
	readonly to: string;
}

function importsOf(file: string): Import[] {
	const text = readFileSync(path.join(source, file), 'utf8');
	const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'(?<to>[^']+)'/gm)];
	return specifiers.map(match => ({from: file, to: match.groups?.['to'] ?? ''}));
}

const files = readdirSync(source, {recursive: true, encoding: 'utf8'})
	.map(file => file.split(path.sep).join('/'))
	.filter(file => /\.tsx?$/.test(file));
const imports = files.flatMap(importsOf);

function folderOf(file: string): string {
	return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

function targetOf({from, to}: Import): string {
	return path.posix.normalize(path.posix.join(path.posix.dirname(from), to));
}

describe('the walls of the house', () => {
	test('the reading of imports finds some in every folder', () => {
		const found = new Set(imports.map(({from}) => folderOf(from)));
		expect(Object.keys(mayImport).filter(folder => !found.has(folder))).toEqual([]);
	});

	test('arrows between folders point one way', () => {
		const wrong = imports.filter(found => {
			const folder = folderOf(found.from);
			if (!found.to.startsWith('.') || folder === '') {
				return false;
			}

			const file = targetOf(found);
			// The package file belongs to no folder.
			if (file === '../package.json') {
				return false;
			}

			const target = folderOf(file);
			return target !== folder && !mayImport[folder]?.includes(target);
		});
		expect(wrong).toEqual([]);
	});

	test('what reaches outside stays in the folders that may', () => {
		const wrong = imports.filter(({from, to}) => {
			const folder = folderOf(from);
			const name = to.replace(/^(node:fs)\/.*$/, '$1').replace(/^(react|ink)\/.*$/, '$1');
			const allowed = packagesOf[name];
			return allowed !== undefined && folder !== '' && !allowed.test(folder);
		});
		expect(wrong).toEqual([]);
	});

	test('the domain imports nothing at all from outside', () => {
		expect(imports.filter(({from, to}) => folderOf(from) === 'domain' && !to.startsWith('.'))).toEqual([]);
	});

	test('no two files import each other in a circle, types aside', () => {
		const edges = new Map<string, string[]>();
		for (const file of files) {
			const text = readFileSync(path.join(source, file), 'utf8');
			const values = [...text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'(?<to>\.[^']+)'/gms)];
			edges.set(
				file,
				values.map(match => targetOf({from: file, to: match.groups?.['to'] ?? ''})),
			);
		}

		const circles: string[][] = [];
		const done = new Set<string>();
		const visit = (file: string, trail: readonly string[]) => {
			if (trail.includes(file)) {
				circles.push([...trail.slice(trail.indexOf(file)), file]);
				return;
			}

			if (!done.has(file)) {
				for (const next of edges.get(file) ?? []) {
					visit(next, [...trail, file]);
				}

				done.add(file);
			}
		};
		for (const file of files) {
			visit(file, []);
		}

		expect(circles).toEqual([]);
	});

	test('no file is a drawer for leftovers', () => {
		expect(files.filter(file => /\b(?:utils?|helpers?|common|misc|manager)\b/i.test(file))).toEqual([]);
	});
});
