import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {UserError} from '../../source/domain/user-error.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {fullContent, fullName, packageBytes} from './package-bytes.ts';
import {zipBytes} from './zip-bytes.ts';

export interface FuzzReport {
	readonly cases: number;
	/** Opened, read to the last byte, and nothing blocks. */
	readonly sound: number;
	/** Opened, and a problem blocks. */
	readonly blocked: number;
	/** How many ended with which `UserError`. */
	readonly refused: Readonly<Record<string, number>>;
	/** The longest case, milliseconds. */
	readonly slowest: number;
	/** The most resident memory of this process after a case, bytes. */
	readonly memory: number;
}

/** No case comes near it; one that does hangs. */
const caseLimit = 30_000;

/** A generator of whole numbers below a bound, the same for the same seed. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
	let state = seed | 0;
	return below => {
		state = (state + 0x6d_2b_79_f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
	};
}

/**
 * Opens, unpacks the prerequisites of, and verifies so many mutated packages. Throws on anything but facts or a
 * `UserError`, on a case that hangs, and on a file that was left anywhere; the message names the seed that brings the
 * case back.
 */
export async function fuzzPackages(
	seed: number,
	cases: number,
	onCase?: (done: number) => void,
): Promise<FuzzReport> {
	const root = await mkdtemp(join(tmpdir(), 'dms-upgrade-fuzz-'));
	const packages = join(root, 'packages');
	const temporary = join(root, 'temporary');
	// So deep that a name which climbs out of it still ends where we look.
	const into = join(root, 'a', 'b', 'c', 'into');
	await mkdir(packages);
	await mkdir(temporary);
	await mkdir(join(root, 'a', 'b', 'c'), {recursive: true});
	const originals = await originalPackages();
	const refused: Record<string, number> = {};
	let [sound, blocked, slowest, memory] = [0, 0, 0, 0];
	try {
		for (let index = 0; index < cases; index++) {
			const random = randomFrom(seed + index);
			const name = random(8) === 0 ? 'My App.dmapp' : fullName;
			const path = join(packages, name);
			const start = performance.now();
			try {
				await writeFile(path, mutated(originals, random));
				const outcome = await within(caseLimit, () => attempt(path, temporary, into));
				if (outcome === 'sound') {
					sound++;
				} else if (outcome === 'blocked') {
					blocked++;
				} else {
					refused[outcome] = (refused[outcome] ?? 0) + 1;
				}

				await rm(into, {recursive: true, force: true});
				await rm(path);
				await expectNothingLeft(root);
			} catch (error) {
				throw new Error(`the package of seed ${seed + index}: ${String(error)}`, {cause: error});
			}

			slowest = Math.max(slowest, performance.now() - start);
			memory = Math.max(memory, process.memoryUsage.rss());
			onCase?.(index + 1);
		}
	} finally {
		await rm(root, {recursive: true, force: true});
	}

	return {cases, sound, blocked, refused, slowest, memory};
}

async function attempt(path: string, temporary: string, into: string): Promise<string> {
	try {
		const opened = await openPackage(path, {temporaryFolder: temporary});
		try {
			const {problems, sha256} = await opened.verify();
			if (!/^[0-9a-f]{64}$/.test(sha256)) {
				throw new Error(`the SHA-256 is ${sha256}`);
			}

			const found = [...opened.facts.problems, ...problems];
			if (/[\u0000-\u001F\u007F-\u009F]/.test(found.map(({message}) => message).join(''))) {
				throw new Error('a control character comes through');
			}

			await opened.extractPrerequisites(into);
			return found.some(({severity}) => severity === 'block') ? 'blocked' : 'sound';
		} finally {
			await opened.close();
		}
	} catch (error) {
		if (error instanceof UserError) {
			return error.code;
		}

		throw error;
	}
}

async function within<T>(limit: number, act: () => Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`did not end within ${limit} ms`)), limit);
	});
	try {
		return await Promise.race([act(), late]);
	} finally {
		clearTimeout(timer);
	}
}

const standing = ['a', 'a/b', 'a/b/c', 'packages', 'temporary'];

async function expectNothingLeft(root: string): Promise<void> {
	const found = (await readdir(root, {recursive: true})).map(path => path.replaceAll('\\', '/')).sort();
	if (found.join('\n') !== standing.join('\n')) {
		throw new Error(`left behind: ${found.filter(path => !standing.includes(path)).join(', ')}`);
	}
}

async function originalPackages(): Promise<readonly Buffer[]> {
	const inside = await zipBytes({'a.txt': 'zip in zip in zip'});
	const varied = {
		...fullContent,
		'Files/Nested.zip': {content: inside, stored: true},
		'Files/Zeros.bin': Buffer.alloc(200_000),
		'Files/Large.bin': {content: 'large', zip64: true},
	};
	return Promise.all([
		packageBytes(),
		packageBytes({updateZip: 'deflated'}),
		packageBytes({inner: varied}),
		packageBytes({inner: varied, updateZip: 'deflated'}),
		zipBytes({'AppInfo.xml': '<AppInfo><Name>App</Name></AppInfo>', 'Scripts/Install.xml': '<x/>'}),
	]);
}

/** What storage and networks, and people with bad intentions, do to files. */
function mutated(originals: readonly Buffer[], random: Random): Buffer {
	let bytes: Buffer = Buffer.from(originals[random(originals.length)] ?? Buffer.alloc(0));
	for (let left = random(2) === 0 ? 1 : 1 + random(4); left > 0 && bytes.length > 0; left--) {
		bytes = mutations[random(mutations.length)]?.(bytes, random) ?? bytes;
	}

	return bytes;
}

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const hostileNames = [
	'../../../../x',
	'/etc/x',
	'C:\\x',
	'..\\..\\x',
	'NUL.txt',
	'a:b',
	'\u001B[2J',
	'con',
	'. ',
];
const extremes = [0, 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_fe, 0xff_ff_ff_ff];

const mutations: readonly Mutation[] = [
	(bytes, random) => {
		bytes[place(bytes, random)] = random(256);
		return bytes;
	},
	(bytes, random) => {
		const at = place(bytes, random);
		return bytes.fill(random(2) * 0xff, at, Math.min(bytes.length, at + (2 << random(3))));
	},
	(bytes, random) => bytes.subarray(0, random(bytes.length)),
	(bytes, random) => {
		const at = place(bytes, random);
		return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(64))]);
	},
	(bytes, random) => {
		const at = place(bytes, random);
		const more = Buffer.from(Array.from({length: 1 + random(64)}, () => random(256)));
		return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
	},
	// A piece of the file once more, somewhere else: directories and headers appear twice.
	(bytes, random) => {
		const from = place(bytes, random);
		bytes.copy(bytes, place(bytes, random), from, Math.min(bytes.length, from + 1 + random(200)));
		return bytes;
	},
	// A field of a directory entry, a header or the end record takes an extreme value.
	(bytes, random) => {
		const start = record(bytes, random);
		const at = start === undefined ? -1 : start + 4 + random(42);
		if (at >= 0 && at + 4 <= bytes.length) {
			bytes.writeUInt32LE(extremes[random(extremes.length)] ?? 0, at);
		}

		return bytes;
	},
	// A record takes one field from another record, which may be of another kind.
	(bytes, random) => {
		const [from, to] = [record(bytes, random), record(bytes, random)];
		const field = 4 + random(42);
		if (from !== undefined && to !== undefined) {
			const value = Buffer.from(bytes.subarray(from + field, from + field + 4));
			value.copy(bytes, Math.min(to + field, bytes.length));
		}

		return bytes;
	},
	// A name becomes a hostile one.
	(bytes, random) => {
		const start = record(bytes, random);
		const name = hostileNames[random(hostileNames.length)] ?? '';
		if (start !== undefined) {
			bytes.write(name, Math.min(bytes.length, start + (random(2) === 0 ? 30 : 46)));
		}

		return bytes;
	},
];

/** Half of the places are in the last quarter, where the directory stands. */
function place(bytes: Buffer, random: Random): number {
	return random(2) === 0 ? random(bytes.length) : bytes.length - 1 - random(Math.ceil(bytes.length / 4));
}

/** Where one of the records of a zip begins. */
function record(bytes: Buffer, random: Random): number | undefined {
	const starts: number[] = [];
	for (let at = bytes.indexOf('PK'); at >= 0; at = bytes.indexOf('PK', at + 1)) {
		starts.push(at);
	}

	return starts[random(starts.length)];
}
