import {randomBytes} from 'node:crypto';
import {
	appendFile,
	mkdir,
	readFile,
	readdir,
	rename,
	stat,
	symlink,
	truncate,
	writeFile,
} from 'node:fs/promises';
import {join} from 'node:path';
import {beforeEach, describe, expect, test} from 'vitest';
import {FileOperationError, ProgramTimedOutError} from '../../source/agent/machine-errors.ts';
import type {Machine} from '../../source/agent/machine.ts';
import {eventually} from './eventually.ts';

const MiB = 1024 * 1024;
const sh = (script: string) => ({program: 'sh', args: ['-c', script]});

export interface MachineAtHand {
	/** A new one each time, which ends with the test. It has a program `sh`. */
	readonly aMachine: () => Machine;
	/** What drive C: is on this computer. */
	readonly drive: () => string;
}

let tests = 0;

/** What everybody may expect of a `Machine`. */
export function describeMachine({aMachine, drive: driveOf}: MachineAtHand): void {
	let machine: Machine;
	let drive: string;
	let folder: string;

	beforeEach(async () => {
		tests += 1;
		folder = `contract ${tests}`;
		drive = join(driveOf(), folder);
		await mkdir(drive);
		machine = aMachine();
	});

	/** A Windows path for a name in the folder of this test. */
	const at = (...names: string[]) => ['C:', folder, ...names].join('\\');

	describe('running programs', () => {
		test('gives output and exit code', async () => {
			const result = await machine.run(sh('echo out; echo größe 1>&2; exit 3'));
			expect(result).toEqual({exitCode: 3, stdout: 'out\n', stderr: 'größe\n'});
		});

		test('gives output as it comes', async () => {
			let heard = '';
			const running = machine.run(
				sh(`echo first; until [ -e '${drive}/go' ]; do sleep 0.02; done; echo second`),
				{
					onOutput: text => (heard += text),
				},
			);
			await eventually(() => heard === 'first\n');
			await writeFile(join(drive, 'go'), '');
			expect((await running).stdout).toBe('first\nsecond\n');
		});

		test('ends one that takes too long', async () => {
			await expect(machine.run(sh('sleep 30'), {timeoutMs: 100})).rejects.toThrow(ProgramTimedOutError);
			expect((await machine.run(sh('echo still here'))).stdout).toBe('still here\n');
		});

		test('ends one that is not wanted any more', async () => {
			const stop = new AbortController();
			const running = machine.run(sh('echo on; sleep 30'), {
				signal: stop.signal,
				onOutput: () => stop.abort(new Error('enough')),
			});
			await expect(running).rejects.toThrow('enough');
			await expect(machine.run(sh('true'), {signal: stop.signal})).rejects.toThrow('enough');
		});
	});

	describe('files', () => {
		test('what is not there is undefined', async () => {
			expect(await machine.readFile(at('none'))).toBeUndefined();
			expect(await machine.stat(at('none', 'below'))).toBeUndefined();
			expect(await machine.list(at('none'))).toBeUndefined();
			await machine.remove(at('none'));
		});

		test('are read whole, or refused when too large', async () => {
			const content = randomBytes(300_000);
			await writeFile(join(drive, 'file'), content);
			expect(await machine.readFile(at('file'))).toEqual(content);
			const tooLarge = machine.readFile(at('file'), {maxBytes: 299_999});
			await expect(tooLarge).rejects.toMatchObject({code: 'FILE_TOO_LARGE'});
			expect(await machine.readFile(at('file'), {maxBytes: 300_000})).toEqual(content);
		});

		test('are replaced, and nothing else is left behind', async () => {
			expect(await machine.writeFile(at('file'), 'größe', 'replace')).toBe(true);
			expect(await machine.writeFile(at('file'), randomBytes(200_000), 'replace')).toBe(true);
			expect((await stat(join(drive, 'file'))).size).toBe(200_000);
			expect(await readdir(drive)).toEqual(['file']);
		});

		test('are created by one only, however many try', async () => {
			const others = [machine, aMachine(), aMachine()];
			const won = await Promise.all(
				[...others, ...others].map(async (each, index) =>
					each.writeFile(at('lock'), `${index}`, 'exclusive'),
				),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await readFile(join(drive, 'lock'), 'utf8')).toBe(String(won.indexOf(true)));
		});

		test('cannot be created in a folder that is not there', async () => {
			for (const mode of ['exclusive', 'replace'] as const) {
				await expect(machine.writeFile(at('none', 'file'), '', mode)).rejects.toThrow(FileOperationError);
			}
		});

		test('have size, time and kind', async () => {
			await writeFile(join(drive, 'file'), 'four');
			const facts = await machine.stat(at('file'));
			expect(facts).toMatchObject({size: 4, folder: false});
			expect(Math.abs((facts?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);
			expect(await machine.stat(at())).toMatchObject({folder: true});
		});

		test('are listed, many of them too', async () => {
			const names = Array.from({length: 300}, (_, index) => `file ${index}`);
			await Promise.all(names.map(async name => writeFile(join(drive, name), '')));
			expect([...((await machine.list(at())) ?? [])].sort()).toEqual(names.sort());
		});

		test('folders are made with those above, once or twice', async () => {
			await machine.makeFolder(at('a', 'b', 'c'));
			await machine.makeFolder(at('a', 'b', 'c'));
			expect((await stat(join(drive, 'a', 'b', 'c'))).isDirectory()).toBe(true);
		});

		test('a folder is removed with what is in it, but not what its links lead to', async () => {
			await machine.makeFolder(at('kept'));
			await writeFile(join(drive, 'kept', 'file'), '');
			await machine.makeFolder(at('gone', 'deep'));
			await writeFile(join(drive, 'gone', 'deep', 'file'), '');
			await symlink(join(drive, 'kept'), join(drive, 'gone', 'link'));
			await machine.remove(at('gone'));
			expect(await readdir(drive)).toEqual(['kept']);
			expect(await readdir(join(drive, 'kept'))).toEqual(['file']);
		});

		test('a rename replaces', async () => {
			await writeFile(join(drive, 'new'), 'new');
			await writeFile(join(drive, 'old'), 'old');
			await machine.rename(at('new'), at('old'));
			expect(await readFile(join(drive, 'old'), 'utf8')).toBe('new');
			await expect(machine.rename(at('none'), at('x'))).rejects.toThrow(FileOperationError);
		});
	});

	describe('an upload', () => {
		const stallMs = 20_000;
		const size = 5 * MiB + 12_345;
		let content: Buffer;
		let local: string;

		beforeEach(async () => {
			content = randomBytes(size);
			local = join(driveOf(), `local ${folder}`);
			await writeFile(local, content);
		});

		test('brings the whole file and says how far it is', async () => {
			const progress: number[] = [];
			await machine.upload(local, at('file'), {stallMs, onProgress: bytes => progress.push(bytes)});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
			expect(progress.at(-1)).toBe(size);
			expect(progress).toEqual(progress.toSorted((a, b) => a - b));
		});

		test('goes on where an earlier one ended, and forgets what stood behind', async () => {
			await writeFile(join(drive, 'file'), Buffer.concat([content.subarray(0, MiB), randomBytes(7 * MiB)]));
			const progress: number[] = [];
			await machine.upload(local, at('file'), {
				from: MiB,
				stallMs,
				onProgress: bytes => progress.push(bytes),
			});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
			expect(progress[0]).toBeGreaterThan(MiB);
		});

		test('leaves no hole: it is not taken up behind the end of what is there', async () => {
			await writeFile(join(drive, 'file'), content.subarray(0, 100));
			const upload = machine.upload(local, at('file'), {from: 101, stallMs});
			await expect(upload).rejects.toMatchObject({code: 'FILE_FAILED'});
			expect((await stat(join(drive, 'file'))).size).toBe(100);
		});

		test('of nothing makes an empty file', async () => {
			await truncate(local, 0);
			await machine.upload(local, at('file'), {stallMs});
			expect((await stat(join(drive, 'file'))).size).toBe(0);
		});

		test('of a file that is not there is no matter of the server', async () => {
			const upload = machine.upload(join(drive, 'none'), at('file'), {stallMs});
			await expect(upload).rejects.toMatchObject({code: 'LOCAL_FILE_UNREADABLE'});
		});

		test('to a full disk says where', async () => {
			await symlink('/dev/full', join(drive, 'full'));
			const upload = machine.upload(local, at('full'), {stallMs});
			await expect(upload).rejects.toThrow(FileOperationError);
			await expect(upload).rejects.toThrow(at('full'));
		});
	});

	describe('following a file', () => {
		test('waits for it, gives what is appended, and starts over when it was cut', async () => {
			const stop = new AbortController();
			const chunks: {text: string; offset: number; restarted: boolean}[] = [];
			const following = (async () => {
				for await (const {bytes, offset, restarted} of machine.follow(at('log'), {
					pollMs: 5,
					signal: stop.signal,
				})) {
					chunks.push({text: bytes.toString(), offset, restarted});
				}
			})();
			await writeFile(join(drive, 'log'), 'one');
			await eventually(() => chunks.length === 1);
			await appendFile(join(drive, 'log'), 'two');
			await eventually(() => chunks.length === 2);
			await truncate(join(drive, 'log'), 0);
			await appendFile(join(drive, 'log'), 'new');
			await eventually(() => chunks.length === 3);
			stop.abort();
			await following;
			expect(chunks).toEqual([
				{text: 'one', offset: 0, restarted: false},
				{text: 'two', offset: 3, restarted: false},
				{text: 'new', offset: 0, restarted: true},
			]);
		});

		test('starts over where another file took its place, also a longer one', async () => {
			const stop = new AbortController();
			const heard: string[] = [];
			const following = (async () => {
				for await (const {bytes, restarted} of machine.follow(at('log'), {pollMs: 5, signal: stop.signal})) {
					heard.push(`${restarted ? 'anew: ' : ''}${bytes.toString()}`);
				}
			})();
			const first = `${'old line\n'.repeat(100)}its end\n`;
			await writeFile(join(drive, 'log'), first);
			await eventually(() => heard.length === 1);
			const second = `${'new line\n'.repeat(200)}its end\n`;
			await writeFile(join(drive, 'log.new'), second);
			await rename(join(drive, 'log.new'), join(drive, 'log'));
			await eventually(() => heard.length === 2);
			await appendFile(join(drive, 'log'), 'one more\n');
			await eventually(() => heard.length === 3);
			stop.abort();
			await following;
			expect(heard).toEqual([first, `anew: ${second}`, 'one more\n']);
		});
	});
}
