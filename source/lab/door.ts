import {createServer} from 'node:net';
import type {AddressInfo, Server} from 'node:net';
import type {LabEvents} from './events.ts';
import {Line} from './line.ts';

/** Whose door it is. */
export interface DoorOwner {
	readonly name: string;
	readonly events: LabEvents;
}

/** A port at which clients come to a simulated Agent: they can be thrown out and it can be shut. */
export class Door {
	readonly #owner: DoorOwner;
	readonly #listener: Server;
	readonly #lines = new Set<Line>();
	/** Opening and shutting happen one after the other, however fast they are asked for. */
	#settled: Promise<unknown> = Promise.resolve();

	/** `serve` gets the line of every client. */
	constructor(owner: DoorOwner, serve: (line: Line) => void) {
		this.#owner = owner;
		this.#listener = createServer({noDelay: true}, socket => {
			const line = new Line(socket);
			const forget = () => line.gone && this.#lines.delete(line);
			this.#lines.add(line);
			line.once('close', forget);
			socket.once('close', forget);
			serve(line);
		});
	}

	/** Resolves with the port; `port` 0 takes a free one. */
	async open(address: string, port: number): Promise<number> {
		return this.#next(async () => {
			if (!this.#listener.listening) {
				await listening(this.#listener, address, port);
			}

			return (this.#listener.address() as AddressInfo).port;
		});
	}

	/** Nothing listens any more and everybody is thrown out. */
	async shut(reason: string): Promise<void> {
		await this.#next(async () => {
			if (this.#listener.listening) {
				const closed = new Promise(resolve => this.#listener.close(resolve));
				this.dropConnections(reason);
				await closed;
			}
		});
	}

	/** How many are connected, as far as both ends know of each other. */
	get clients(): number {
		return [...this.#lines].filter(line => line.carries).length;
	}

	dropConnections(reason: string): void {
		for (const line of this.#lines) {
			this.#owner.events.note(this.#owner.name, 'connection-dropped', {reason});
			line.reset();
		}
	}

	/** From now on nothing passes on the connections that there are, and nobody is told. New ones can be made. */
	silenceConnections(reason: string): void {
		for (const line of this.#lines) {
			if (line.carries) {
				this.#owner.events.note(this.#owner.name, 'connection-silenced', {reason});
				line.fallSilent();
			}
		}
	}

	async #next<T>(act: () => Promise<T>): Promise<T> {
		const result = this.#settled.then(act);
		this.#settled = result.catch(() => undefined);
		return result;
	}
}

async function listening(server: Server, address: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, address, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
