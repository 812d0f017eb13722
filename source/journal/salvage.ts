import {rmSync} from 'node:fs';
import type {RunId} from '../domain/run-event.ts';
import {JournalConnection, type Row, numberIn} from './journal-connection.ts';
import {JournalDamagedError, JournalIoError} from './journal-errors.ts';
import {beginFile, companions, syncFile} from './journal-files.ts';
import {journalFormat, migrate} from './journal-schema.ts';
import {JournalTables} from './journal-tables.ts';
import type {Liveness} from './leases-table.ts';
import {mostEventsAtOnce} from './journal.ts';
import {type RunRow, rowOf} from './runs-table.ts';
import {openDatabase} from './sqlite.ts';

/** What could be saved from a damaged journal. */
export interface Salvage {
	/** How many runs. */
	readonly saved: number;
	/** Those of them whose last events are missing. */
	readonly cut: readonly RunId[];
	/** Those that were found and are not whole. */
	readonly lost: readonly RunId[];
}

const nothing: Salvage = {saved: 0, cut: [], lost: []};

/** Reads all of a journal. Undefined when it is as it was written. */
export function findDamage(tables: JournalTables): JournalDamagedError | undefined {
	const {connection, runs} = tables;
	try {
		const answer = Object.values(connection.query('PRAGMA integrity_check(1)').get() ?? {})[0];
		if (answer !== 'ok') {
			// Its first line names the database.
			return connection.damaged(String(answer).split('\n').at(-1) ?? '');
		}

		connection.write(() => connection.query(`PRAGMA user_version = ${journalFormat}`).run());
		for (const row of runs.list()) {
			runs.setup(row);
			runs.inventory(row);
			readEvents(tables, 'read', row.id);
		}

		return undefined;
	} catch (error) {
		if (error instanceof JournalDamagedError) {
			return error;
		}

		throw error;
	}
}

/**
 * Copies every run that is whole from a damaged journal, if one is left, into a new file, which is on the disk when
 * this returns. Who carried out what is not copied: nobody does.
 */
export function salvage(from: string | undefined, to: string): Salvage {
	const target = beginCopy(to);
	try {
		return from === undefined ? nothing : copyRuns(from, target);
	} finally {
		target.connection.close();
		syncFile(to);
	}
}

function beginCopy(path: string): JournalTables {
	for (const ending of ['', ...companions]) {
		rmSync(path + ending, {force: true});
	}

	beginFile(path);
	const database = openDatabase(path);
	const connection = new JournalConnection(path, database, () => undefined);
	return connection.guarded(() => {
		// Nobody sees the copy before it is whole and on the disk.
		database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
		migrate(path, database);
		return new JournalTables(connection);
	});
}

function copyRuns(from: string, target: JournalTables): Salvage {
	return (
		inDamaged(from, connection => {
			const source = new JournalTables(connection);
			const counts = countEvents(connection);
			const found = findRuns(connection);
			const saved = found.filter(row =>
				unlessDamaged(from, () => copyRun(source, target, row, counts.get(row.id) ?? 0)),
			);
			const cut = saved.filter(row => isCut(source, row, counts.get(row.id) ?? 0));
			return {
				saved: saved.length,
				cut: cut.map(({run}) => run),
				lost: found.filter(row => !saved.includes(row)).map(({run}) => run),
			};
		}) ?? nothing
	);
}

/** How many runs a living runner carries out, as far as a damaged journal can be read. */
export function liveRunsIn(path: string, liveness: Liveness): number {
	return inDamaged(path, connection => new JournalTables(connection).leases.liveRuns(liveness).length) ?? 0;
}

/** Read only: whoever closes a journal as the last one would fold its log into it otherwise, and delete it. */
function inDamaged<Result>(path: string, act: (connection: JournalConnection) => Result): Result | undefined {
	return unlessDamaged(path, () => {
		const connection = new JournalConnection(path, openDatabase(path, {readOnly: true}), () => undefined);
		try {
			return act(connection);
		} finally {
			connection.close();
		}
	});
}

function isCut({connection, events}: JournalTables, {id}: RunRow, count: number): boolean {
	return (unlessDamaged(connection.path, () => events.witnessed(id)) ?? 0) > count;
}

/** All or nothing of a run, with what was asked of it. */
function copyRun(source: JournalTables, target: JournalTables, row: RunRow, count: number): true {
	return target.connection.write(() => {
		const setup = {...source.runs.setup(row), inventory: source.runs.inventory(row)};
		target.runs.insert(setup, row.createdAt);
		const {id} = target.runs.find(row.run);
		const copied = readEvents(source, 'readFound', row.id, events =>
			target.events.append(
				id,
				events.map(event => ({fact: event, at: event.at})),
			),
		);
		if (copied !== count) {
			throw source.connection.damaged(`of run ${row.run} only ${copied} of ${count} events were found`);
		}

		for (const {request} of source.requests.open(row.id)) {
			target.requests.insert(id, request);
		}

		return true;
	});
}

/** Reads the events of a run, a part at a time. Returns how many there are. */
function readEvents(
	{events}: JournalTables,
	how: 'read' | 'readFound',
	run: number,
	take: (part: ReturnType<typeof events.read>) => void = () => undefined,
): number {
	for (let count = 0; ;) {
		const part = events[how](run, count, mostEventsAtOnce);
		if (part.length === 0) {
			return count;
		}

		take(part);
		count += part.length;
	}
}

/** The runs on both sides of what cannot be read, oldest first. */
function findRuns(connection: JournalConnection): readonly RunRow[] {
	const rows = fromBothEnds(connection, 'SELECT id, run, created_at FROM runs ORDER BY id').map(rowOf);
	return [...new Map(rows.map(row => [row.id, row])).values()].toSorted((a, b) => a.id - b.id);
}

/**
 * How many events there are of each run, by walking through all of them. Where the way to a run is damaged, looking
 * for its events finds fewer.
 */
function countEvents(connection: JournalConnection): ReadonlyMap<number, number> {
	const rows = fromBothEnds(
		connection,
		'SELECT run, count(*) AS count FROM events GROUP BY run ORDER BY run',
	);
	return new Map(rows.map(row => [numberIn(row, 'run'), numberIn(row, 'count')]));
}

/** The rows up to what cannot be read, and those from the end back to it. */
function fromBothEnds(connection: JournalConnection, ordered: string): readonly Row[] {
	const rows: Row[] = [];
	for (const direction of ['ASC', 'DESC']) {
		const whole = unlessDamaged(connection.path, () => {
			for (const row of connection.query(`${ordered} ${direction}`).each()) {
				rows.push(row);
			}

			return true;
		});
		if (whole) {
			break;
		}
	}

	return rows;
}

/** What was found out, or undefined where the file at `path` is damaged or cannot be read. */
function unlessDamaged<Result>(path: string, act: () => Result): Result | undefined {
	try {
		return act();
	} catch (error) {
		const isDamage = error instanceof JournalDamagedError || error instanceof JournalIoError;
		if (isDamage && error.path === path) {
			return undefined;
		}

		throw error;
	}
}
