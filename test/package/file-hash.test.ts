import {createHash, randomBytes} from 'node:crypto';
import {expect, test} from 'vitest';
import {sha256OfFile} from '../../source/package/file-hash.ts';
import {openFiles, packageFolders} from '../support/package-files.ts';

test('the checksum is that of the whole file, and progress ends at its size', async () => {
	const folders = await packageFolders();
	const bytes = randomBytes(5 * 1024 ** 2 + 17);
	const path = await folders.write(bytes);
	const progress: number[] = [];
	const sum = await sha256OfFile(path, {onProgress: done => progress.push(done)});
	expect(sum).toBe(createHash('sha256').update(bytes).digest('hex'));
	expect(progress.at(-1)).toBe(bytes.length);
	expect(progress).toEqual(progress.toSorted((a, b) => a - b));
});

test('an empty file has a checksum too', async () => {
	const folders = await packageFolders();
	expect(await sha256OfFile(await folders.write(Buffer.alloc(0)))).toBe(createHash('sha256').digest('hex'));
});

test('an abort in the middle rejects with its reason and closes the file', async () => {
	const folders = await packageFolders();
	const path = await folders.write(randomBytes(4 * 1024 ** 2));
	const before = await openFiles();
	const abort = new AbortController();
	const reason = new Error('enough');
	await expect(
		sha256OfFile(path, {onProgress: () => abort.abort(reason), signal: abort.signal}),
	).rejects.toBe(reason);
	expect(await openFiles()).toBe(before);
});

test('what cannot be read is told as with opening', async () => {
	const folders = await packageFolders();
	await expect(sha256OfFile(`${folders.root}/none`)).rejects.toMatchObject({code: 'PACKAGE_NOT_FOUND'});
	await expect(sha256OfFile(folders.root)).rejects.toMatchObject({code: 'PACKAGE_NOT_A_FILE'});
});
