import {symlink} from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type {SFTPWrapper} from 'ssh2';
import {describe, expect, test} from 'vitest';
import {MalformedPacketError, packetsOf} from '../../source/lab/sftp-wire.ts';
import {aLab, aStranger, eventsOn} from '../support/a-lab.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each request of ssh2 answers something else
type Callback = (error?: Error | null, value?: any) => void;

async function asked<T = unknown>(ask: (callback: Callback) => void): Promise<T> {
	return new Promise((resolve, reject) => {
		ask((error, value) => (error ? reject(error) : resolve(value as T)));
	});
}

async function session() {
	const lab = await aLab();
	const stranger = await aStranger(lab.inventory.agents[0]!);
	return {lab, stranger, sftp: stranger.sftp};
}

const noSuchFile = {code: 2};
const denied = {code: 3};
const failure = {code: 4};

async function open(sftp: SFTPWrapper, file: string, flags: string): Promise<Buffer> {
	return asked<Buffer>(callback => sftp.open(file, flags as 'r', callback));
}

describe('files', () => {
	test('an exclusive creation fails where the file is there already, whatever its case', async () => {
		const {sftp, stranger} = await session();
		await stranger.upload('/C:/lock', Buffer.from('mine'));
		await expect(open(sftp, '/C:/lock', 'wx')).rejects.toMatchObject(failure);
		await expect(open(sftp, '/C:/LOCK', 'wx')).rejects.toMatchObject(failure);
		expect(await stranger.read('/C:/Lock')).toBe('mine');
	});

	test('writes at offsets into what is there, as a resumed upload does', async () => {
		const {sftp, stranger} = await session();
		await stranger.upload('/C:/part', Buffer.from('01234'));
		const handle = await open(sftp, '/C:/part', 'r+');
		await asked(callback => sftp.write(handle, Buffer.from('56789'), 0, 5, 5, callback));
		expect((await asked<{size: number}>(callback => sftp.fstat(handle, callback))).size).toBe(10);
		await asked(callback => sftp.close(handle, callback));
		expect(await stranger.read('/C:/part')).toBe('0123456789');
	});

	test('refuses writes above 100 KiB, as Windows OpenSSH does, and takes those below', async () => {
		const {sftp} = await session();
		const handle = await open(sftp, '/C:/big', 'w');
		const write = async (size: number) =>
			asked(callback => sftp.write(handle, Buffer.alloc(size), 0, size, 0, callback));
		await expect(write(100 * 1024 + 1)).rejects.toMatchObject(failure);
		await write(100 * 1024);
		await asked(callback => sftp.close(handle, callback));
	});

	test('a plain rename refuses an existing target; the OpenSSH one replaces it', async () => {
		const {sftp, stranger} = await session();
		await stranger.upload('/C:/new', Buffer.from('new'));
		await stranger.upload('/C:/old', Buffer.from('old'));
		await expect(asked(callback => sftp.rename('/C:/new', '/C:/OLD', callback))).rejects.toMatchObject(
			failure,
		);
		await asked(callback => sftp.ext_openssh_rename('/C:/new', '/C:/old', callback));
		expect(await stranger.read('/C:/old')).toBe('new');
		await expect(stranger.read('/C:/new')).rejects.toMatchObject(noSuchFile);
	});

	test('lists a folder of hundreds in several answers', async () => {
		const {sftp, stranger} = await session();
		await asked(callback => sftp.mkdir('/C:/many', callback));
		const names = Array.from({length: 130}, (_, index) => `file ${index}`);
		await Promise.all(names.map(async name => stranger.upload(`/C:/many/${name}`, Buffer.from(name))));
		const entries = await asked<{filename: string}[]>(callback => sftp.readdir('/C:/many', callback));
		expect(entries.map(entry => entry.filename).sort()).toEqual(names.sort());
	});

	test('answers stat, setstat, realpath, remove and rmdir', async () => {
		const {sftp, stranger} = await session();
		await stranger.upload('/C:/a', Buffer.from('12345678'));
		await asked(callback => sftp.setstat('/C:/a', {size: 3, atime: 5000, mtime: 6000}, callback));
		const facts = await asked<{size: number; mtime: number; isFile(): boolean}>(callback =>
			sftp.stat('/C:/a', callback),
		);
		expect(facts).toMatchObject({size: 3, mtime: 6000});
		expect(facts.isFile()).toBe(true);
		expect(await asked<string>(callback => sftp.realpath('.', callback))).toBe('/C:/Users/Administrator');
		expect(await asked<string>(callback => sftp.realpath('/c:/x/./y', callback))).toBe('/C:/x/y');
		await expect(asked(callback => sftp.rmdir('/C:/Skyline DataMiner', callback))).rejects.toMatchObject(
			failure,
		);
		await expect(asked(callback => sftp.mkdir('/C:/Skyline DataMiner', callback))).rejects.toMatchObject(
			failure,
		);
		await asked(callback => sftp.unlink('/C:/a', callback));
		await expect(asked(callback => sftp.stat('/C:/a', callback))).rejects.toMatchObject(noSuchFile);
	});

	test('notes uploads, renames and removals', async () => {
		const {lab, sftp, stranger} = await session();
		await stranger.upload('/C:/a.partial', Buffer.from('x'));
		await asked(callback => sftp.rename('/C:/a.partial', '/C:/a', callback));
		await asked(callback => sftp.unlink('/C:/a', callback));
		expect(eventsOn(lab, 'DMA-01').slice(1)).toEqual([
			'file-uploaded C:\\a.partial',
			'file-renamed C:\\a.partial',
			'file-removed C:\\a',
		]);
	});
});

describe('hostile clients', () => {
	test.each(['/C:/../secret', '/D:/x', '/etc/passwd', '/', '../../../../etc/passwd', '/C:/link/lab-key'])(
		'cannot reach %s',
		async hostile => {
			const {lab, sftp} = await session();
			await symlink(lab.folder, path.join(lab.folder, 'DMA-01', 'C', 'link'));
			await expect(open(sftp, hostile, 'r')).rejects.toMatchObject(denied);
			await expect(open(sftp, hostile, 'w')).rejects.toMatchObject(denied);
			await expect(asked(callback => sftp.opendir(hostile, callback))).rejects.toMatchObject(denied);
		},
	);

	test('cannot make links', async () => {
		const {sftp} = await session();
		await expect(asked(callback => sftp.symlink('/etc/passwd', '/C:/x', callback))).rejects.toMatchObject({
			code: 8,
		});
	});

	test('cannot use a handle of nobody', async () => {
		const {sftp} = await session();
		const handle = Buffer.from('4711');
		await expect(asked(callback => sftp.close(handle, callback))).rejects.toMatchObject(failure);
		await expect(asked(callback => sftp.fstat(handle, callback))).rejects.toMatchObject(failure);
	});
});

describe('packets', () => {
	const framed = (payload: Uint8Array) => {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(payload.length);
		return Buffer.concat([length, payload]);
	};

	async function* inPieces(bytes: Buffer, sizes: readonly number[]) {
		await Promise.resolve();
		let start = 0;
		for (const size of [...sizes, bytes.length]) {
			yield bytes.subarray(start, start + size);
			start += size;
		}
	}

	test('come out whole, however the stream is cut', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.uint8Array({minLength: 1, maxLength: 60})),
				fc.array(fc.integer({min: 0, max: 9})),
				async (payloads, sizes) => {
					const stream = inPieces(Buffer.concat(payloads.map(framed)), sizes);
					const found: number[][] = [];
					for await (const packet of packetsOf(stream)) {
						found.push([...packet]);
					}

					expect(found).toEqual(payloads.map(payload => [...payload]));
				},
			),
		);
	});

	test('that claim to be huge or empty end the session', async () => {
		for (const length of [0, 256 * 1024 + 1, 0xff_ff_ff_ff]) {
			const head = Buffer.alloc(8);
			head.writeUInt32BE(length);
			await expect(packetsOf(inPieces(head, [])).next()).rejects.toThrow(MalformedPacketError);
		}
	});
});
