import {type JournalConnection, type Query, type Row, numberIn, textIn} from './journal-connection.ts';
import type {SeatHolder} from './run-journal-errors.ts';
import type {Runner} from './run-journal.ts';

/**
 * A runner that has not renewed its lease for this long, in milliseconds, counts as dead. Three times `leaseRenewal`,
 * so that a slow disk or a busy computer has time to spare.
 */
export const leaseLasts = 10_000;

export interface Lease extends Runner, SeatHolder {}

/** What decides whether the holder of a lease lives. */
export interface Liveness {
	/** Milliseconds since 1970-01-01 UTC. */
	now(): number;
	/** This computer. */
	readonly host: string;
	/** Whether there is a process with this number on this computer. */
	readonly processExists: (pid: number) => boolean;
}

/** Whether the holder of a lease is to be taken for alive. One on this computer is known to be dead at once. */
export function isLive(lease: SeatHolder, liveness: Liveness): boolean {
	// A clock that was set back must not make a lease last.
	const age = Math.abs(liveness.now() - lease.renewedAt);
	return age < leaseLasts && (lease.host !== liveness.host || liveness.processExists(lease.pid));
}

export function processExists(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// Anything else, such as EPERM, means that it is there.
		return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
	}
}

/** Which runner carries out which run. */
export class LeasesTable {
	readonly #of: Query;
	readonly #token: Query;
	readonly #all: Query;
	readonly #take: Query;
	readonly #renew: Query;
	readonly #release: Query;

	constructor(connection: JournalConnection) {
		this.#of = connection.query('SELECT * FROM leases WHERE run = ?');
		this.#token = connection.query('SELECT token FROM leases WHERE run = ?');
		this.#all = connection.query('SELECT * FROM leases ORDER BY run');
		this.#take = connection.query(
			'INSERT OR REPLACE INTO leases (run, token, pid, host, since, renewed_at) VALUES (?, ?, ?, ?, ?, ?)',
		);
		this.#renew = connection.query('UPDATE leases SET renewed_at = ? WHERE run = ? AND token = ?');
		this.#release = connection.query('DELETE FROM leases WHERE run = ? AND token = ?');
	}

	of(run: number): Lease | undefined {
		const row = this.#of.get(run);
		return row && leaseIn(row);
	}

	isHeldBy(run: number, token: string): boolean {
		const row = this.#token.get(run);
		return row !== undefined && textIn(row, 'token') === token;
	}

	/** The numbers of the runs that a living runner carries out. */
	liveRuns(liveness: Liveness): readonly number[] {
		return this.#all
			.all()
			.filter(row => isLive(leaseIn(row), liveness))
			.map(row => numberIn(row, 'run'));
	}

	/** Within a write. */
	take(run: number, {token, pid, host}: Runner, now: number): void {
		this.#take.run(run, token, pid, host, now, now);
	}

	/** Within a write; false when somebody else has it. */
	renew(run: number, token: string, now: number): boolean {
		return this.#renew.run(now, run, token) === 1;
	}

	/** Within a write. */
	release(run: number, token: string): void {
		this.#release.run(run, token);
	}
}

function leaseIn(row: Row): Lease {
	return {
		token: textIn(row, 'token'),
		pid: numberIn(row, 'pid'),
		host: textIn(row, 'host'),
		since: numberIn(row, 'since'),
		renewedAt: numberIn(row, 'renewed_at'),
	};
}
