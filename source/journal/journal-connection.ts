import type {DatabaseSync, SQLInputValue, SQLOutputValue} from 'node:sqlite';
import {JournalDamagedError, JournalReplacedError} from './journal-errors.ts';
import {identityOf} from './journal-files.ts';
import {rollBack} from './journal-schema.ts';
import {asJournalError} from './sqlite-failure.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A statement that can be run again and again. */
export interface Query {
	get(...parameters: readonly SQLInputValue[]): Row | undefined;
	all(...parameters: readonly SQLInputValue[]): readonly Row[];
	/** Row after row: those before one that cannot be read are had. */
	each(...parameters: readonly SQLInputValue[]): Iterable<Row>;
	/** Returns how many rows it changed. */
	run(...parameters: readonly SQLInputValue[]): number;
}

/** An open journal file. Whatever SQLite throws leaves it as a `JournalError`. */
export class JournalConnection {
	readonly path: string;
	readonly #database: DatabaseSync;
	readonly #begin: Query;
	readonly #commit: Query;
	readonly #identity: string | undefined;
	readonly #onDamage: () => void;

	constructor(path: string, database: DatabaseSync, onDamage: () => void) {
		this.path = path;
		this.#database = database;
		this.#identity = identityOf(path);
		this.#onDamage = onDamage;
		this.#begin = this.query('BEGIN IMMEDIATE');
		this.#commit = this.query('COMMIT');
	}

	query(sql: string): Query {
		const statement = this.guarded(() => this.#database.prepare(sql));
		return {
			get: (...parameters) => this.guarded(() => statement.get(...parameters)),
			all: (...parameters) => this.guarded(() => statement.all(...parameters)),
			each: (...parameters) => this.#each(() => statement.iterate(...parameters)),
			run: (...parameters) => this.guarded(() => Number(statement.run(...parameters).changes)),
		};
	}

	*#each(begin: () => Iterator<Row>): Generator<Row> {
		const rows = this.guarded(begin);
		for (let next = this.guarded(() => rows.next()); !next.done; next = this.guarded(() => rows.next())) {
			yield next.value;
		}
	}

	/** Does it all or nothing; it is on the disk when this returns. Nobody else writes meanwhile. */
	write<Result>(act: () => Result): Result {
		return this.guarded(() => {
			this.expectInPlace();
			this.#begin.run();
			try {
				const result = act();
				this.#commit.run();
				return result;
			} catch (error) {
				rollBack(this.#database);
				throw error;
			}
		});
	}

	/** Throws when the file was moved or deleted: nobody would see what is written from here on. */
	expectInPlace(): void {
		if (identityOf(this.path) !== this.#identity) {
			throw new JournalReplacedError(this.path);
		}
	}

	/** For what a row says that cannot be: remembers that the file has to be checked. */
	damaged(reason: string): JournalDamagedError {
		this.#onDamage();
		return new JournalDamagedError(this.path, reason);
	}

	guarded<Result>(act: () => Result): Result {
		try {
			return act();
		} catch (error) {
			const known = asJournalError(this.path, error);
			if (known instanceof JournalDamagedError && known !== error) {
				this.#onDamage();
			}

			throw known;
		}
	}

	close(): void {
		this.guarded(() => this.#database.close());
	}
}

/** The tables are strict, so that another type can only be a NULL where none is expected: 0 and empty stand for it. */
export function numberIn(row: Row | undefined, column: string): number {
	const value = row?.[column];
	return typeof value === 'number' ? value : 0;
}

export function textIn(row: Row | undefined, column: string): string {
	const value = row?.[column];
	return typeof value === 'string' ? value : '';
}
