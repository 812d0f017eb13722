import {EventsTable} from './events-table.ts';
import type {JournalConnection} from './journal-connection.ts';
import {LeasesTable} from './leases-table.ts';
import {RequestsTable} from './requests-table.ts';
import {RunsTable} from './runs-table.ts';

/** The parts of an open journal. Made at once, so that a file that lacks one is found out when it is opened. */
export class JournalTables {
	readonly connection: JournalConnection;
	readonly runs: RunsTable;
	readonly events: EventsTable;
	readonly leases: LeasesTable;
	readonly requests: RequestsTable;

	constructor(connection: JournalConnection) {
		this.connection = connection;
		this.runs = new RunsTable(connection);
		this.events = new EventsTable(connection);
		this.leases = new LeasesTable(connection);
		this.requests = new RequestsTable(connection);
	}
}
