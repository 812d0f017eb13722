import type {Stats} from 'node:fs';
import {constants} from 'node:fs';

/** Source: draft-ietf-secsh-filexfer-02 (SFTP version 3), which OpenSSH speaks. */
export const requests = {
	init: 1,
	open: 3,
	close: 4,
	read: 5,
	write: 6,
	lstat: 7,
	fstat: 8,
	setstat: 9,
	fsetstat: 10,
	opendir: 11,
	readdir: 12,
	remove: 13,
	mkdir: 14,
	rmdir: 15,
	realpath: 16,
	stat: 17,
	rename: 18,
	extended: 200,
} as const;

export const statusCodes = {
	ok: 0,
	endOfFile: 1,
	noSuchFile: 2,
	permissionDenied: 3,
	failure: 4,
	badMessage: 5,
	unsupported: 8,
} as const;

export type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

export const openFlags = {read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32} as const;

const replies = {version: 2, status: 101, handle: 102, data: 103, name: 104, attrs: 105} as const;
const attributeFlags = {size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80_00_00_00} as const;
const longestPacket = 256 * 1024;

/** What the other side sent is no SFTP. */
export class MalformedPacketError extends Error {}

export interface Attributes {
	readonly size?: number;
	readonly mode?: number;
	/** Seconds since 1970. */
	readonly accessed?: number;
	readonly modified?: number;
}

/** Cuts a byte stream into SFTP packets, without their length. Throws `MalformedPacketError`. */
export async function* packetsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let waiting: Buffer[] = [];
	let length = 0;
	for await (const chunk of stream) {
		waiting.push(chunk);
		length += chunk.length;
		while (length >= 4) {
			const head = waiting[0];
			if (!head || head.length < 4) {
				waiting = [Buffer.concat(waiting)];
				continue;
			}

			const wanted = head.readUInt32BE(0);
			if (wanted === 0 || wanted > longestPacket) {
				throw new MalformedPacketError(`A packet of ${wanted} bytes.`);
			}

			if (length < wanted + 4) {
				break;
			}

			const joined = waiting.length === 1 ? head : Buffer.concat(waiting);
			yield joined.subarray(4, wanted + 4);
			const rest = joined.subarray(wanted + 4);
			waiting = rest.length > 0 ? [rest] : [];
			length = rest.length;
		}
	}
}

/** Reads the fields of one packet, in order. Throws `MalformedPacketError` where there are fewer. */
export class PacketReader {
	#position = 0;

	constructor(private readonly packet: Buffer) {}

	byte(): number {
		return this.#take(1).readUInt8(0);
	}

	uint32(): number {
		return this.#take(4).readUInt32BE(0);
	}

	uint64(): number {
		const value = this.#take(8).readBigUInt64BE(0);
		if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
			throw new MalformedPacketError('A number that is too large.');
		}

		return Number(value);
	}

	bytes(): Buffer {
		return this.#take(this.uint32());
	}

	text(): string {
		return this.bytes().toString('utf8');
	}

	attributes(): Attributes {
		const flags = this.uint32();
		const size = flags & attributeFlags.size ? {size: this.uint64()} : {};
		if (flags & attributeFlags.owner) {
			this.uint32();
			this.uint32();
		}

		const mode = flags & attributeFlags.permissions ? {mode: this.uint32()} : {};
		const times = flags & attributeFlags.times ? {accessed: this.uint32(), modified: this.uint32()} : {};
		return {...size, ...mode, ...times};
	}

	#take(length: number): Buffer {
		const end = this.#position + length;
		if (end > this.packet.length) {
			throw new MalformedPacketError('A packet that ends too early.');
		}

		const taken = this.packet.subarray(this.#position, end);
		this.#position = end;
		return taken;
	}
}

/** What a client is told of a file. */
export type FileFacts = Pick<Stats, 'size' | 'mode' | 'atimeMs' | 'mtimeMs'>;

export interface NamedEntry {
	readonly name: string;
	/** Undefined for the answer to REALPATH, which has none. */
	readonly facts?: FileFacts;
}

/** Answers, ready to be sent. */
export const reply = {
	/** The client uses an extension only where it is announced here. */
	version(extensions: Readonly<Record<string, string>>): Buffer {
		const pairs = Object.entries(extensions).flatMap(([name, value]) => [text(name), text(value)]);
		return packet(replies.version, uint32(3), ...pairs);
	},
	status(id: number, code: StatusCode, message: string): Buffer {
		return packet(replies.status, uint32(id), uint32(code), text(message), text('en'));
	},
	handle(id: number, handle: string): Buffer {
		return packet(replies.handle, uint32(id), text(handle));
	},
	data(id: number, data: Buffer): Buffer {
		return packet(replies.data, uint32(id), uint32(data.length), data);
	},
	names(id: number, entries: readonly NamedEntry[]): Buffer {
		const parts = entries.flatMap(({name, facts}) => [
			text(name),
			text(facts ? longName(name, facts) : name),
			facts ? attributes(facts) : uint32(0),
		]);
		return packet(replies.name, uint32(id), uint32(entries.length), ...parts);
	},
	attributes(id: number, facts: FileFacts): Buffer {
		return packet(replies.attrs, uint32(id), attributes(facts));
	},
};

function packet(type: number, ...parts: Buffer[]): Buffer {
	const length = parts.reduce((sum, part) => sum + part.length, 1);
	return Buffer.concat([uint32(length), Buffer.of(type), ...parts]);
}

function uint32(value: number): Buffer {
	const buffer = Buffer.alloc(4);
	buffer.writeUInt32BE(value);
	return buffer;
}

function text(value: string): Buffer {
	const bytes = Buffer.from(value, 'utf8');
	return Buffer.concat([uint32(bytes.length), bytes]);
}

function attributes(facts: FileFacts): Buffer {
	const size = Buffer.alloc(8);
	size.writeBigUInt64BE(BigInt(facts.size));
	const {size: hasSize, owner, permissions, times} = attributeFlags;
	return Buffer.concat([
		uint32(hasSize | owner | permissions | times),
		size,
		uint32(0),
		uint32(0),
		uint32(facts.mode),
		uint32(Math.floor(facts.atimeMs / 1000)),
		uint32(Math.floor(facts.mtimeMs / 1000)),
	]);
}

function longName(name: string, facts: FileFacts): string {
	const folder = (facts.mode & constants.S_IFMT) === constants.S_IFDIR;
	const rights = folder ? 'drwxrwxrwx' : '-rw-rw-rw-';
	const modified = new Date(facts.mtimeMs);
	const date = modified.toDateString().slice(4, 10);
	return `${rights}    1 -        -        ${String(facts.size).padStart(12)} ${date} ${modified.getFullYear()} ${name}`;
}
