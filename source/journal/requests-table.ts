import type {RunRequest} from '../domain/run-event.ts';
import {type JournalConnection, type Query, numberIn, textIn} from './journal-connection.ts';
import {requestSchema} from './setup-schema.ts';

export interface OpenRequest {
	readonly id: number;
	readonly request: RunRequest;
}

/** What readers ask of runs. */
export class RequestsTable {
	readonly #connection: JournalConnection;
	readonly #insert: Query;
	readonly #open: Query;
	readonly #handle: Query;

	constructor(connection: JournalConnection) {
		this.#connection = connection;
		this.#insert = connection.query('INSERT INTO requests (run, request) VALUES (?, ?)');
		this.#open = connection.query(
			'SELECT id, request FROM requests WHERE run = ? AND handled = 0 ORDER BY id',
		);
		this.#handle = connection.query('UPDATE requests SET handled = 1 WHERE id = ?');
	}

	/** Within a write. */
	insert(run: number, request: RunRequest): void {
		this.#insert.run(run, JSON.stringify(request));
	}

	/** Those that were not handled yet, oldest first. */
	open(run: number): readonly OpenRequest[] {
		return this.#open.all(run).map(row => ({
			id: numberIn(row, 'id'),
			request: this.#parsed(textIn(row, 'request')),
		}));
	}

	/** Within a write. */
	handle(id: number): void {
		this.#handle.run(id);
	}

	#parsed(text: string): RunRequest {
		let json: unknown;
		try {
			json = JSON.parse(text);
		} catch {
			json = undefined;
		}

		const parsed = requestSchema.safeParse(json);
		if (!parsed.success) {
			throw this.#connection.damaged('a request in it is none');
		}

		return parsed.data;
	}
}
