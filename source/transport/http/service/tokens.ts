import {createHash, randomBytes, randomUUID, timingSafeEqual} from 'node:crypto';
import {mkdir, open, readFile, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import {UserError} from '../../../domain/user-error.ts';
import {type Scope, allows, scopes} from '../api/scopes.ts';
import {SharedWork} from './shared-work.ts';

const storedToken = z.strictObject({
	id: z.uuid(),
	/** Who uses it; for people. */
	name: z.string().min(1).max(100),
	/** The SHA-256 of the token. It is 256 bits of chance, which no amount of guessing finds: no slow hash is needed. */
	sha256: z.string().regex(/^[\da-f]{64}$/),
	scope: z.enum(scopes),
	/** Milliseconds since 1970-01-01 UTC. */
	createdAt: z.int(),
	expiresAt: z.int(),
});

export type StoredToken = z.infer<typeof storedToken>;

/** *unknown*: it is none of ours; *expired*: it was. */
export type TokenAnswer =
	| {readonly is: 'valid'; readonly token: StoredToken}
	| {readonly is: 'unknown'}
	| {readonly is: 'expired' | 'too weak'; readonly token: StoredToken};

export interface TokenList {
	readonly tokens: readonly StoredToken[];
	/** Files that are no tokens, or cannot be read, by their paths. They let nobody in. */
	readonly damaged: readonly string[];
}

interface Reading extends TokenList {
	readonly hashes: readonly {readonly hash: Buffer; readonly token: StoredToken}[];
}

const prefix = 'dmsu_';
const mostTokens = 1000;
const fileName = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.json$/;

/**
 * The tokens that a service accepts: a file for each, which only its hash is in. A file is made once and never changed,
 * so that two who make and revoke tokens at once cannot undo what the other did.
 */
export class Tokens {
	readonly #folder: string;
	readonly #now: () => number;
	/** Whoever has no token may ask as often as whoever has one, and there may be many tokens. */
	readonly #reading = new SharedWork(() => this.#readAll());
	#read: ReadonlyMap<string, StoredToken | undefined> = new Map();

	constructor(folder: string, now: () => number) {
		this.#folder = path.join(folder, 'tokens');
		this.#now = now;
	}

	/** The token itself; it is never seen again. Rejects with `TooManyTokensError`, and with what the disk says. */
	async create(
		name: string,
		scope: Scope,
		lifetimeMs: number,
	): Promise<{secret: string; token: StoredToken}> {
		const secret = `${prefix}${randomBytes(32).toString('base64url')}`;
		const createdAt = this.#now();
		const token = storedToken.parse({
			id: randomUUID(),
			name,
			sha256: hashOf(secret).toString('hex'),
			scope,
			createdAt,
			expiresAt: createdAt + lifetimeMs,
		});
		if ((await this.#names()).length >= mostTokens) {
			throw new TooManyTokensError();
		}

		await this.#write(token);
		return {secret, token};
	}

	/** It opens nothing any more, from now on. Answers whether there was one with this id. */
	async revoke(id: string): Promise<boolean> {
		const name = `${id}.json`;
		if (!(await this.#names()).includes(name)) {
			return false;
		}

		await rm(path.join(this.#folder, name), {force: true});
		return true;
	}

	/** Those that there are now, in the order in which they were made. */
	async list(): Promise<TokenList> {
		const {tokens, damaged} = await this.#reading.ask();
		return {tokens, damaged};
	}

	async check(secret: string, needed: Scope): Promise<TokenAnswer> {
		const {hashes} = await this.#reading.ask();
		const asked = hashOf(secret);
		let found: StoredToken | undefined;
		// All of them, always: how long it takes tells nothing about which one it is.
		for (const {hash, token} of hashes) {
			if (timingSafeEqual(asked, hash)) {
				found = token;
			}
		}

		if (!found) {
			return {is: 'unknown'};
		}

		if (found.expiresAt <= this.#now()) {
			return {is: 'expired', token: found};
		}

		return allows(found.scope, needed) ? {is: 'valid', token: found} : {is: 'too weak', token: found};
	}

	/** The ids of those that still let somebody in. */
	async good(): Promise<ReadonlySet<string>> {
		const now = this.#now();
		const {tokens} = await this.list();
		return new Set(tokens.filter(({expiresAt}) => expiresAt > now).map(({id}) => id));
	}

	async #readAll(): Promise<Reading> {
		const read = new Map<string, StoredToken | undefined>();
		const unread: string[] = [];
		for (const name of await this.#names()) {
			try {
				read.set(name, this.#read.has(name) ? this.#read.get(name) : await this.#readFile(name));
			} catch (error) {
				// One that was revoked meanwhile is gone; every other may be read well the next time.
				if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
					unread.push(name);
				}
			}
		}

		this.#read = read;
		const tokens = [...read.values()].filter(token => token !== undefined);
		const damaged = [...read].flatMap(([name, token]) => (token ? [] : [name]));
		return {
			tokens: tokens.sort((a, b) => a.createdAt - b.createdAt),
			hashes: tokens.map(token => ({hash: Buffer.from(token.sha256, 'hex'), token})),
			damaged: [...damaged, ...unread].map(name => path.join(this.#folder, name)),
		};
	}

	async #names(): Promise<readonly string[]> {
		try {
			return (await readdir(this.#folder)).filter(name => fileName.test(name));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
				return [];
			}

			throw error;
		}
	}

	/** Undefined where it is no token. Rejects with what the disk says. */
	async #readFile(name: string): Promise<StoredToken | undefined> {
		const text = await readFile(path.join(this.#folder, name), 'utf8');
		try {
			const token = storedToken.parse(JSON.parse(text));
			return `${token.id}.json` === name ? token : undefined;
		} catch {
			return undefined;
		}
	}

	async #write(token: StoredToken): Promise<void> {
		await mkdir(this.#folder, {recursive: true, mode: 0o700});
		const final = path.join(this.#folder, `${token.id}.json`);
		const partial = `${final}.partial`;
		try {
			const file = await open(partial, 'wx', 0o600);
			try {
				await file.writeFile(`${JSON.stringify(token, undefined, '\t')}\n`);
				await file.sync();
			} finally {
				await file.close();
			}

			await rename(partial, final);
		} finally {
			await rm(partial, {force: true});
		}
	}
}

function hashOf(secret: string): Buffer {
	return createHash('sha256').update(secret).digest();
}

/** Nobody needs so many; each request is compared with all of them. */
class TooManyTokensError extends UserError {
	readonly code = 'TOO_MANY_TOKENS';
	readonly nextSteps = ['Revoke those that nobody needs: dms-upgrade serve tokens lists them.'];
	constructor() {
		super(`There are ${mostTokens} tokens already.`);
	}
}
