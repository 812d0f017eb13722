import {appendFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/** What can happen on a simulated Agent. */
export type LabEventName =
	| 'login'
	| 'login-refused'
	| 'connection-dropped'
	| 'connection-silenced'
	| 'connection-error'
	| 'program-started'
	| 'program-ended'
	| 'task-created'
	| 'task-started'
	| 'task-ended'
	| 'task-deleted'
	| 'file-uploaded'
	| 'file-renamed'
	| 'file-removed'
	| 'prerequisite-run'
	| 'upgrade-started'
	| 'upgrade-ended'
	| 'version-stamped'
	| 'service-stopping'
	| 'service-stopped'
	| 'service-starting'
	| 'service-running'
	| 'web-api-asked'
	| 'role-changed'
	| 'reboot-started'
	| 'reboot-ended'
	| 'fault-injected'
	| 'fault-bit'
	| 'fault-cleared';

export type LabEventDetail = Readonly<Record<string, string | number | boolean>>;

export interface LabEvent {
	/** 1, 2, 3… over the whole lab: tells the order of what happened on different Agents. */
	readonly sequence: number;
	/** Real time, ISO 8601. */
	readonly at: string;
	readonly agent: string;
	readonly event: LabEventName;
	readonly detail: LabEventDetail;
}

/** The file in the lab's folder that has one event a line, as JSON. */
export const eventsFile = 'lab-events.ndjson';

/** All that happened in a lab, in order; on disk before what it tells of goes on. */
export class LabEvents {
	readonly #events: LabEvent[] = [];
	readonly #file: string;
	#closed = false;

	constructor(folder: string) {
		this.#file = path.join(folder, eventsFile);
		writeFileSync(this.#file, '');
	}

	get all(): readonly LabEvent[] {
		return this.#events;
	}

	note(agent: string, event: LabEventName, detail: LabEventDetail = {}): void {
		if (this.#closed) {
			return;
		}

		const noted: LabEvent = {
			sequence: this.#events.length + 1,
			at: new Date().toISOString(),
			agent,
			event,
			detail,
		};
		this.#events.push(noted);
		appendFileSync(this.#file, `${JSON.stringify(noted)}\n`);
	}

	/** Sockets that close after the lab's folder is gone have nowhere to be noted. */
	close(): void {
		this.#closed = true;
	}
}
