import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {parseClusterFile} from '../source/config/cluster-file.ts';
import {faultSection, keySection, withSection} from './support/readme-sections.ts';

const readme = path.join(import.meta.dirname, '../README.md');

// `vitest run test/readme.test.ts -u` writes what is missing.
test('the README shows the keys and faults that there are', async () => {
	const text = readFileSync(readme, 'utf8');
	await expect(
		withSection(withSection(text, 'keys', keySection()), 'faults', faultSection()),
	).toMatchFileSnapshot(readme);
});

test('every command, flag and exit code of the README is one that the program knows', async () => {
	const {usage} = await import('../source/commands/usage.ts');
	// The flags of other programs are not ours.
	const text = readFileSync(readme, 'utf8').replace(/### Upload with other programs\n[\s\S]*?\n(?=### )/, '');
	const flags = new Set([...text.matchAll(/(?<= )--[a-z][a-z-]+/g)].map(([flag]) => flag));
	expect([...flags].filter(flag => flag !== '--' && !usage.includes(flag))).toEqual([]);
});

test('the clusters that it shows can be read', () => {
	const texts = [...readFileSync(readme, 'utf8').matchAll(/```yaml\n(clusters:\n[\s\S]*?)```/g)];
	const clusters = texts.map(([, text = '']) => parseClusterFile(text, 'README.md'));
	expect(clusters.map(found => found.map(({cluster}) => cluster))).toEqual([
		['Headend', 'Test'],
		['Headend'],
	]);
});
