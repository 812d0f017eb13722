import {randomUUID} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {mkdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {deepestFolder, mostFiles} from '../../../agent/prerequisite-files.ts';
import {checkedFileName} from '../../../agent/windows-path.ts';
import {UserError} from '../../../domain/user-error.ts';
import {roomIn} from './disk-room.ts';

/** A client that was cut off leaves a set behind; when there are so many, the oldest goes. */
const mostSetsOfClient = 10;
const mostBytes = 512 * 1024 * 1024;
/** A client that makes a set uses it at once. */
const keptMs = 60 * 60_000;

interface TestSet {
	readonly client: string;
	/** By the clock that nobody sets. */
	readonly madeAt: number;
	files: number;
	bytes: number;
}

/** The tests of packages, each set in a folder of its own, until they were run. */
export class TestSets {
	readonly #folder: string;
	readonly #leftFreeBytes: number;
	/** Those that wait to be run. */
	readonly #sets = new Map<string, TestSet>();
	#emptied: Promise<void> | undefined;

	/** `leftFreeBytes`: on the disk of the folder. */
	constructor(folder: string, leftFreeBytes: number) {
		this.#folder = folder;
		this.#leftFreeBytes = leftFreeBytes;
	}

	/** Removes whatever an earlier service left; nothing new is made before. */
	async cleanUp(): Promise<void> {
		await (this.#emptied = rm(this.#folder, {recursive: true, force: true}));
	}

	/** Answers the id of a new one. */
	async create(client: string): Promise<string> {
		await this.#emptied;
		await this.#makeRoom(client);
		await mkdir(this.#folder, {recursive: true, mode: 0o700});
		if ((await roomIn(this.#folder, this.#leftFreeBytes)) < mostBytes) {
			throw new TestSetError('DISK_FULL', 'the disk of the Agent is almost full.');
		}

		const id = randomUUID();
		this.#sets.set(id, {client, madeAt: performance.now(), files: 0, bytes: 0});
		await mkdir(this.#folderOf(id), {recursive: true, mode: 0o700});
		return id;
	}

	/**
	 * The folder of a set that is run now: it takes no more files and is nobody else's any more; whoever takes it calls
	 * `remove` in the end. Undefined where there is none.
	 */
	take(id: string): string | undefined {
		return this.#sets.delete(id) ? this.#folderOf(id) : undefined;
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
			await store(path.join(this.#folderOf(id), ...parts), content, set);
		} catch (error) {
			throw refusal(error);
		}
	}

	async remove(id: string): Promise<void> {
		this.#sets.delete(id);
		await rm(this.#folderOf(id), {recursive: true, force: true});
	}

	#folderOf(id: string): string {
		return path.join(this.#folder, id);
	}

	async #makeRoom(client: string): Promise<void> {
		const oldest = performance.now() - keptMs;
		const old = [...this.#sets].filter(([, {madeAt}]) => madeAt < oldest);
		const own = [...this.#sets].filter(set => set[1].client === client && !old.includes(set));
		for (const [id] of [...old, ...own.slice(0, Math.max(0, own.length + 1 - mostSetsOfClient))]) {
			await this.remove(id);
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
	readonly nextSteps: readonly string[];
	constructor(
		readonly code: 'REQUEST_REFUSED' | 'CONTENT_TYPE' | 'DISK_FULL',
		message: string,
	) {
		super(message);
		this.nextSteps = [
			code === 'DISK_FULL'
				? 'Free space on the disk of the Agent.'
				: 'Check the package that the tests are of.',
		];
	}
}
