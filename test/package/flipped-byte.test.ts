import fc from 'fast-check';
import {expect, test} from 'vitest';
import {UserError} from '../../source/domain/user-error.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {type PackageFolders, fullContent, packageBytes, packageFolders} from '../support/package-files.ts';
import {zipBytes} from '../support/zip-bytes.ts';
import {slackOf} from '../support/zip-slack.ts';

async function complaints(folders: PackageFolders, bytes: Buffer): Promise<string[]> {
	const path = await folders.write(bytes);
	try {
		const opened = await openPackage(path, {temporaryFolder: folders.temporary});
		try {
			const {problems} = await opened.verify();
			return [...opened.facts.problems, ...problems].map(({code}) => code);
		} finally {
			await opened.close();
		}
	} catch (error) {
		if (error instanceof UserError) {
			return [error.code];
		}

		throw error;
	}
}

test.each(['stored', 'deflated'] as const)(
	'with a %s Update.zip, one changed byte never passes, unless no reader needs it',
	async updateZip => {
		const folders = await packageFolders();
		const inner = await zipBytes(fullContent);
		const bytes = await packageBytes({inner, updateZip});
		expect(await complaints(folders, bytes)).toEqual([]);
		const innerStart = updateZip === 'stored' ? bytes.indexOf(inner) : undefined;
		const slack = slackOf(bytes);
		// The slack of a stored Update.zip is covered by the checksum that the package has of it.
		if (innerStart !== undefined) {
			expect([...slackOf(inner, innerStart)].some(at => slack.has(at))).toBe(false);
		}

		const codes = new Set<string>();
		await fc.assert(
			fc.asyncProperty(
				fc.nat(bytes.length - 1).filter(at => !slack.has(at)),
				fc.integer({min: 1, max: 255}),
				async (at, flipped) => {
					const changed = Buffer.from(bytes);
					changed[at] = (changed[at] ?? 0) ^ flipped;
					const found = await complaints(folders, changed);
					expect(found).not.toEqual([]);
					found.forEach(code => codes.add(code));
				},
			),
			{numRuns: 1000},
		);
		expect(codes.size).toBeGreaterThan(3);
	},
);

test('what is in slack is seldom: less than a seventh of a small package', async () => {
	const bytes = await packageBytes();
	expect(slackOf(bytes).size).toBeLessThan(bytes.length / 7);
});
