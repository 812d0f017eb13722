import {createHash, randomBytes, randomUUID, timingSafeEqual} from 'node:crypto';
import {mkdir, open, readFile, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import {UserError} from '../../../domain/user-error.ts';
import {type Scope, allows, scopes} from '../api/scopes.ts';

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
const tokenFile = z.strictObject({tokens: z.array(storedToken).max(1000)});

export type StoredToken = z.infer<typeof storedToken>;

/** *unknown*: it is none of ours; *expired*: it was. */
export type TokenAnswer =
	| {readonly is: 'valid'; readonly token: StoredToken}
	| {readonly is: 'unknown'}
	| {readonly is: 'expired' | 'too weak'; readonly token: StoredToken};

const prefix = 'dmsu_';

/** The tokens that a service accepts, in a file that only hashes of them are in. */
export class Tokens {
	readonly #file: string;
	readonly #now: () => number;
	#read: {readonly mark: string; readonly tokens: readonly StoredToken[]} | undefined;

	constructor(folder: string, now: () => number) {
		this.#file = path.join(folder, 'tokens.json');
		this.#now = now;
	}

	/** The token itself; it is never seen again. */
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
		await this.#write([...(await this.all()), token]);
		return {secret, token};
	}

	/** Answers whether there was one with this id. */
	async revoke(id: string): Promise<boolean> {
		const tokens = await this.all();
		const left = tokens.filter(token => token.id !== id);
		await this.#write(left);
		return left.length < tokens.length;
	}

	/** Those of the file as it is now: a token that is revoked opens nothing any more. */
	async all(): Promise<readonly StoredToken[]> {
		const facts = await stat(this.#file).catch(() => undefined);
		if (!facts) {
			return [];
		}

		const mark = `${facts.mtimeMs} ${facts.size} ${facts.ino}`;
		if (this.#read?.mark !== mark) {
			this.#read = {mark, tokens: this.#parse(await readFile(this.#file, 'utf8'))};
		}

		return this.#read.tokens;
	}

	async check(secret: string, needed: Scope): Promise<TokenAnswer> {
		const hash = hashOf(secret);
		let found: StoredToken | undefined;
		// All of them, always: how long it takes tells nothing about which one it is.
		for (const token of await this.all()) {
			if (timingSafeEqual(hash, Buffer.from(token.sha256, 'hex'))) {
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

	#parse(text: string): readonly StoredToken[] {
		try {
			return tokenFile.parse(JSON.parse(text)).tokens;
		} catch (error) {
			throw new TokenFileError(this.#file, {cause: error});
		}
	}

	async #write(tokens: readonly StoredToken[]): Promise<void> {
		await mkdir(path.dirname(this.#file), {recursive: true, mode: 0o700});
		const partial = `${this.#file}.${randomUUID()}.partial`;
		try {
			const file = await open(partial, 'wx', 0o600);
			try {
				await file.writeFile(`${JSON.stringify({tokens}, undefined, '\t')}\n`);
				await file.sync();
			} finally {
				await file.close();
			}

			await rename(partial, this.#file);
		} finally {
			await rm(partial, {force: true});
		}
	}
}

function hashOf(secret: string): Buffer {
	return createHash('sha256').update(secret).digest();
}

/** The file of the tokens is not as the program writes it. */
export class TokenFileError extends UserError {
	readonly code = 'TOKEN_FILE_UNREADABLE';
	constructor(
		readonly file: string,
		options: ErrorOptions,
	) {
		super(`${file} is not a list of tokens as this program writes it.`, options);
	}

	get nextSteps() {
		return ['Delete it, and make new tokens with dms-upgrade serve token.'];
	}
}
