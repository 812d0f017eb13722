import type {FileHandle} from 'node:fs/promises';
import {lstat, mkdir, open, readdir, rename, rmdir, stat, unlink} from 'node:fs/promises';
import path from 'node:path';
import type {AgentClock} from './agent-clock.ts';
import type {LabEvents} from './events.ts';
import {breakingPoint, isLock} from './line-faults.ts';
import {change, changeOpen, nodeFlags} from './sftp-file-calls.ts';
import {StatusError, statusOf} from './sftp-status.ts';
import type {Attributes, FileFacts, NamedEntry} from './sftp-wire.ts';
import {MalformedPacketError, PacketReader, openFlags, reply, requests, statusCodes} from './sftp-wire.ts';
import {fromSftpPath, ifPresent, toSftpPath} from './windows-drive.ts';
import type {WindowsDrive} from './windows-drive.ts';

/** Windows OpenSSH refuses SFTP writes above this. Source: Win32-OpenSSH, issue 1395 */
export const longestWrite = 100 * 1024;
const longestRead = 100 * 1024;
const entriesAtOnce = 50;
const mostHandles = 200;

export interface SftpHost {
	readonly name: string;
	readonly drive: WindowsDrive;
	readonly clock: AgentClock;
	readonly events: LabEvents;
	/** Told when an upload is under way, after each of its writes. */
	uploadGoesOn(): void;
	/** Told when the lock of a run has been made, before the client is. */
	lockMade(): void;
}

interface OpenFile {
	readonly kind: 'file';
	readonly windowsPath: string;
	readonly file: FileHandle;
	readonly append: boolean;
	readonly exclusive: boolean;
	written: number;
}

interface OpenFolder {
	readonly kind: 'folder';
	readonly entries: NamedEntry[];
}

type Answer = (id: number, fields: PacketReader) => Promise<Buffer>;

/** One client's open files and the answers to its requests. */
export class SftpSession {
	readonly #handles = new Map<string, OpenFile | OpenFolder>();
	#lastHandle = 0;

	constructor(private readonly host: SftpHost) {}

	async answer(packet: Buffer): Promise<Buffer> {
		const fields = new PacketReader(packet);
		const type = fields.byte();
		if (type === requests.init) {
			return reply.version({'posix-rename@openssh.com': '1', 'fsync@openssh.com': '1'});
		}

		const id = fields.uint32();
		const answer = this.#answers[type];
		try {
			return answer
				? await answer(id, fields)
				: reply.status(id, statusCodes.unsupported, 'Operation unsupported');
		} catch (error) {
			if (error instanceof MalformedPacketError) {
				throw error;
			}

			const {status, message} = statusOf(error);
			return reply.status(id, status, message);
		}
	}

	/** Whatever is still open when the connection ends. */
	async close(): Promise<void> {
		for (const handle of this.#handles.values()) {
			if (handle.kind === 'file') {
				await handle.file.close();
			}
		}

		this.#handles.clear();
	}

	readonly #answers: Readonly<Record<number, Answer>> = {
		[requests.open]: async (id, fields) => this.#open(id, fields.text(), fields.uint32()),
		[requests.close]: async (id, fields) => this.#close(id, fields.text()),
		[requests.read]: async (id, fields) => this.#read(id, fields.text(), fields.uint64(), fields.uint32()),
		[requests.write]: async (id, fields) => this.#write(id, fields.text(), fields.uint64(), fields.bytes()),
		[requests.lstat]: async (id, fields) => this.#stat(id, fields.text()),
		[requests.stat]: async (id, fields) => this.#stat(id, fields.text()),
		[requests.fstat]: async (id, fields) =>
			reply.attributes(id, this.#told(await this.#file(fields.text()).file.stat())),
		[requests.setstat]: async (id, fields) => {
			await change(await this.#resolve(fields.text()), this.#meant(fields.attributes()));
			return ok(id);
		},
		[requests.fsetstat]: async (id, fields) => {
			const {file} = this.#file(fields.text());
			await changeOpen(file, this.#meant(fields.attributes()));
			return ok(id);
		},
		[requests.opendir]: async (id, fields) => this.#openFolder(id, fields.text()),
		[requests.readdir]: async (id, fields) => Promise.resolve(this.#readFolder(id, fields.text())),
		[requests.remove]: async (id, fields) => this.#remove(id, fields.text()),
		[requests.mkdir]: async (id, fields) => {
			await mkdir(await this.#resolve(fields.text()));
			return ok(id);
		},
		[requests.rmdir]: async (id, fields) => {
			await rmdir(await this.#resolve(fields.text()));
			return ok(id);
		},
		[requests.realpath]: async (id, fields) => {
			const windowsPath = this.host.drive.normalize(fromSftpPath(fields.text()));
			return Promise.resolve(reply.names(id, [{name: toSftpPath(windowsPath)}]));
		},
		[requests.rename]: async (id, fields) => this.#rename(id, fields.text(), fields.text(), false),
		[requests.extended]: async (id, fields) => this.#extended(id, fields.text(), fields),
	};

	async #extended(id: number, name: string, fields: PacketReader): Promise<Buffer> {
		switch (name) {
			case 'posix-rename@openssh.com': {
				return this.#rename(id, fields.text(), fields.text(), true);
			}

			case 'fsync@openssh.com': {
				await this.#file(fields.text()).file.sync();
				return ok(id);
			}

			default: {
				return reply.status(id, statusCodes.unsupported, 'Operation unsupported');
			}
		}
	}

	async #open(id: number, sftpPath: string, flags: number): Promise<Buffer> {
		const windowsPath = this.host.drive.normalize(fromSftpPath(sftpPath));
		const target = await this.host.drive.resolve(windowsPath);
		if ((await ifPresent(stat(target)))?.isDirectory()) {
			throw new StatusError(statusCodes.failure, 'Is a directory');
		}

		const file = await open(target, nodeFlags(flags));
		if ((flags & openFlags.exclusive) !== 0 && isLock(windowsPath)) {
			this.host.lockMade();
		}

		return this.#keep(id, {
			kind: 'file',
			windowsPath,
			file,
			append: (flags & openFlags.append) !== 0,
			exclusive: (flags & openFlags.exclusive) !== 0,
			written: 0,
		});
	}

	async #close(id: number, handle: string): Promise<Buffer> {
		const open = this.#handles.get(handle);
		if (!open) {
			throw new StatusError(statusCodes.failure, 'Invalid handle');
		}

		this.#handles.delete(handle);
		if (open.kind === 'file') {
			const {size} = await open.file.stat();
			await open.file.close();
			if (open.written > 0) {
				const {windowsPath, exclusive} = open;
				this.host.events.note(this.host.name, 'file-uploaded', {path: windowsPath, size, exclusive});
			}
		}

		return ok(id);
	}

	async #read(id: number, handle: string, offset: number, length: number): Promise<Buffer> {
		const {file} = this.#file(handle);
		const buffer = Buffer.allocUnsafe(Math.min(length, longestRead));
		const {bytesRead} = await file.read(buffer, 0, buffer.length, offset);
		if (bytesRead === 0 && length > 0) {
			throw new StatusError(statusCodes.endOfFile, 'End of file');
		}

		return reply.data(id, buffer.subarray(0, bytesRead));
	}

	async #write(id: number, handle: string, offset: number, data: Buffer): Promise<Buffer> {
		if (data.length > longestWrite) {
			throw new StatusError(statusCodes.failure, 'Failure');
		}

		const open = this.#file(handle);
		await open.file.write(data, 0, data.length, open.append ? null : offset);
		open.written += data.length;
		if (open.written > breakingPoint) {
			this.host.uploadGoesOn();
		}

		return ok(id);
	}

	async #stat(id: number, sftpPath: string): Promise<Buffer> {
		return reply.attributes(id, this.#told(await lstat(await this.#resolve(sftpPath))));
	}

	async #openFolder(id: number, sftpPath: string): Promise<Buffer> {
		const folder = await this.#resolve(sftpPath);
		const entries: NamedEntry[] = [];
		for (const name of ['.', '..', ...(await readdir(folder))]) {
			const facts = await ifPresent(lstat(name === '..' ? folder : path.join(folder, name)));
			if (facts) {
				entries.push({name, facts: this.#told(facts)});
			}
		}

		return this.#keep(id, {kind: 'folder', entries});
	}

	#readFolder(id: number, handle: string): Buffer {
		const open = this.#handles.get(handle);
		if (open?.kind !== 'folder') {
			throw new StatusError(statusCodes.failure, 'Invalid handle');
		}

		if (open.entries.length === 0) {
			throw new StatusError(statusCodes.endOfFile, 'End of file');
		}

		return reply.names(id, open.entries.splice(0, entriesAtOnce));
	}

	async #remove(id: number, sftpPath: string): Promise<Buffer> {
		const windowsPath = this.host.drive.normalize(fromSftpPath(sftpPath));
		await unlink(await this.host.drive.resolve(windowsPath));
		this.host.events.note(this.host.name, 'file-removed', {path: windowsPath});
		return ok(id);
	}

	/** The plain request refuses a target that exists; the OpenSSH one replaces it. */
	async #rename(id: number, from: string, to: string, replace: boolean): Promise<Buffer> {
		const {drive, events, name} = this.host;
		const source = await this.#resolve(from);
		const target = await this.#resolve(to);
		await lstat(source);
		if (!replace && source !== target && (await ifPresent(lstat(target)))) {
			throw new StatusError(statusCodes.failure, 'Failure');
		}

		await rename(source, target);
		const [was, is] = [from, to].map(sftpPath => drive.normalize(fromSftpPath(sftpPath)));
		events.note(name, 'file-renamed', {from: was ?? from, to: is ?? to});
		return ok(id);
	}

	#keep(id: number, open: OpenFile | OpenFolder): Buffer {
		if (this.#handles.size >= mostHandles) {
			throw new StatusError(statusCodes.failure, 'Too many open handles');
		}

		this.#lastHandle += 1;
		const handle = String(this.#lastHandle);
		this.#handles.set(handle, open);
		return reply.handle(id, handle);
	}

	#file(handle: string): OpenFile {
		const open = this.#handles.get(handle);
		if (open?.kind !== 'file') {
			throw new StatusError(statusCodes.failure, 'Invalid handle');
		}

		return open;
	}

	/** Times by the Agent's clock; on this computer's disk they are right. */
	#told({size, mode, atimeMs, mtimeMs}: FileFacts): FileFacts {
		const {aheadMs} = this.host.clock;
		return {size, mode, atimeMs: atimeMs + aheadMs, mtimeMs: mtimeMs + aheadMs};
	}

	#meant({accessed, modified, ...others}: Attributes): Attributes {
		const ahead = this.host.clock.aheadMs / 1000;
		return accessed === undefined || modified === undefined
			? others
			: {...others, accessed: accessed - ahead, modified: modified - ahead};
	}

	async #resolve(sftpPath: string): Promise<string> {
		return this.host.drive.resolve(fromSftpPath(sftpPath));
	}
}

function ok(id: number): Buffer {
	return reply.status(id, statusCodes.ok, 'Success');
}
