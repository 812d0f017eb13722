import {crc32} from 'node:zlib';
import type {RunId} from '../domain/run-event.ts';
import {type JournalConnection, type Query, type Row, numberIn, textIn} from './journal-connection.ts';
import type {JournalDamagedError} from './journal-errors.ts';
import {RunExistsError, UnknownRunError} from './run-journal-errors.ts';
import type {RunSetup} from './run-journal.ts';
import {setupSchema} from './setup-schema.ts';

export interface RunRow {
	/** What the other tables name it by. */
	readonly id: number;
	readonly run: RunId;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly createdAt: number;
}

/** What runs are begun with. */
export class RunsTable {
	readonly #connection: JournalConnection;
	readonly #insert: Query;
	readonly #find: Query;
	readonly #list: Query;
	readonly #setup: Query;
	readonly #inventory: Query;

	constructor(connection: JournalConnection) {
		this.#connection = connection;
		this.#insert = connection.query(
			`INSERT OR IGNORE INTO runs (run, created_at, setup, setup_crc, inventory, inventory_crc)
			VALUES (?, ?, ?, ?, ?, ?)`,
		);
		this.#find = connection.query('SELECT id, run, created_at FROM runs WHERE run = ?');
		this.#list = connection.query('SELECT id, run, created_at FROM runs ORDER BY id DESC');
		this.#setup = connection.query('SELECT setup AS text, setup_crc AS crc FROM runs WHERE id = ?');
		this.#inventory = connection.query(
			'SELECT inventory AS text, inventory_crc AS crc FROM runs WHERE id = ?',
		);
	}

	/** Within a write. */
	insert({inventory, ...setup}: RunSetup, at: number): void {
		const setupText = JSON.stringify(setup);
		const inventoryText = JSON.stringify(inventory ?? null);
		const parts = [setupText, crcOf(setupText, at), inventoryText, crcOf(inventoryText, at)];
		if (this.#insert.run(setup.run, at, ...parts) === 0) {
			throw new RunExistsError(setup.run);
		}
	}

	/** Newest first. */
	list(): readonly RunRow[] {
		return this.#list.all().map(rowOf);
	}

	/** Throws `UnknownRunError`. */
	find(run: RunId): RunRow {
		const row = this.#find.get(run);
		if (!row) {
			throw new UnknownRunError(run);
		}

		return rowOf(row);
	}

	/** Throws `JournalDamagedError` when it is not as it was written. */
	setup(row: RunRow): Omit<RunSetup, 'inventory'> {
		const parsed = setupSchema.safeParse(this.#parsed(row, this.#setup.get(row.id)));
		if (!parsed.success || parsed.data.run !== row.run) {
			throw this.#damaged(row);
		}

		return parsed.data;
	}

	/** Throws `JournalDamagedError` when it is not as it was written. */
	inventory(row: RunRow): unknown {
		return this.#parsed(row, this.#inventory.get(row.id));
	}

	#parsed(row: RunRow, written: Row | undefined): unknown {
		const text = textIn(written, 'text');
		if (crcOf(text, row.createdAt) !== numberIn(written, 'crc')) {
			throw this.#damaged(row);
		}

		try {
			return JSON.parse(text);
		} catch {
			throw this.#damaged(row);
		}
	}

	#damaged({run}: RunRow): JournalDamagedError {
		return this.#connection.damaged(`what run ${run} was begun with is not as it was written`);
	}
}

/** Of a text and the time that stands beside it. */
function crcOf(text: string, at: number): number {
	return crc32(text, crc32(String(at)));
}

export function rowOf(row: Row): RunRow {
	return {id: numberIn(row, 'id'), run: textIn(row, 'run'), createdAt: numberIn(row, 'created_at')};
}
