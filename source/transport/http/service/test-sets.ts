import {randomUUID} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {mkdir, readdir, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {deepestFolder, mostFiles} from '../../../agent/prerequisite-files.ts';
import {checkedFileName} from '../../../agent/windows-path.ts';
import {UserError} from '../../../domain/user-error.ts';

const mostSets = 20;
const mostBytes = 512 * 1024 * 1024;
/** A client that makes a set uses it at once. */
const keptMs = 60 * 60_000;

/** The tests of packages, each set in a folder of its own, until they were run. */
export class TestSets {
	readonly #folder: string;
	readonly #sets = new Map<string, {files: number; bytes: number}>();
	#emptied: Promise<void> | undefined;

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** Removes whatever an earlier service left; nothing new is made before. */
	async cleanUp(): Promise<void> {
		await (this.#emptied = rm(this.#folder, {recursive: true, force: true}));
	}

	async create(): Promise<string> {
		await this.#emptied;
		await this.#removeOld();
		if (this.#sets.size >= mostSets) {
			throw new TestSetError('RATE_LIMITED', 'there are too many sets of tests at once.');
		}

		const id = randomUUID();
		this.#sets.set(id, {files: 0, bytes: 0});
		await mkdir(this.folderOf(id), {recursive: true, mode: 0o700});
		return id;
	}

	has(id: string): boolean {
		return this.#sets.has(id);
	}

	folderOf(id: string): string {
		return path.join(this.#folder, id);
	}

	/** `name`: the names of folders and of the file, each behind a `/`. Throws `UnsafeFileNameError`. */
	async put(id: string, name: string, content: unknown): Promise<void> {
		if (!(content instanceof Readable)) {
			throw new TestSetError('CONTENT_TYPE', 'a file comes as application/octet-stream.');
		}

		const set = this.#sets.get(id);
		const parts = name.split('/').map(checkedFileName);
		if (!set || parts.length > deepestFolder || set.files >= mostFiles) {
			throw new TestSetError('REQUEST_REFUSED', 'this set of tests takes no such file.');
		}

		set.files += 1;
		try {
			await store(path.join(this.folderOf(id), ...parts), content, set);
		} catch (error) {
			throw refusal(error);
		}
	}

	async remove(id: string): Promise<void> {
		this.#sets.delete(id);
		await rm(this.folderOf(id), {recursive: true, force: true});
	}

	async #removeOld(): Promise<void> {
		const oldest = Date.now() - keptMs;
		for (const name of await readdir(this.#folder).catch(() => [])) {
			const facts = await stat(path.join(this.#folder, name)).catch(() => undefined);
			if (facts && facts.mtimeMs < oldest) {
				await this.remove(name);
			}
		}
	}
}

async function store(file: string, content: Readable, set: {bytes: number}): Promise<void> {
	await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
	await pipeline(
		content,
		async function* (chunks: AsyncIterable<Buffer>) {
			for await (const chunk of chunks) {
				set.bytes += chunk.length;
				if (set.bytes > mostBytes) {
					throw new TestSetError('REQUEST_REFUSED', `a set of tests may have ${mostBytes} bytes.`);
				}

				yield chunk;
			}
		},
		createWriteStream(file, {mode: 0o600}),
	);
}

function refusal(error: unknown): unknown {
	switch ((error as NodeJS.ErrnoException).code) {
		case 'ENOSPC':
		case 'EDQUOT':
			return new TestSetError('DISK_FULL', 'the disk of the Agent is full.');
		case 'EEXIST':
		case 'EISDIR':
		case 'ENOTDIR':
			return new TestSetError('REQUEST_REFUSED', 'a file and a folder of this set have the same name.');
		case 'ENOENT':
		case 'ERR_STREAM_PREMATURE_CLOSE':
			return new TestSetError(
				'REQUEST_REFUSED',
				'the set was removed, or the line broke, in the middle of it.',
			);
		default:
			return error;
	}
}

class TestSetError extends UserError {
	readonly nextSteps = ['Check the package that the tests are of.'];
	constructor(
		readonly code: 'REQUEST_REFUSED' | 'RATE_LIMITED' | 'CONTENT_TYPE' | 'DISK_FULL',
		message: string,
	) {
		super(message);
	}
}
