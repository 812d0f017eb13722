import {connect} from 'node:net';
import {agentPaths} from './agent-paths.ts';
import {Door} from './door.ts';
import {breakingPoint, meetLineFaults} from './line-faults.ts';
import type {Line} from './line.ts';
import {Killed} from './programs/program.ts';
import type {InstalledService, RunningService, ServeAgent} from './service-site.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {SimulatedMachine} from './simulated-machine.ts';

const loopback = '127.0.0.1';

/**
 * The HTTP service on a simulated Agent: its process, which dies as every other one, and the door by which clients come
 * to it. Between the two, every byte takes a line that can fail.
 */
export class ServiceHost {
	readonly #agent: SimulatedAgent;
	readonly #serve: ServeAgent;
	readonly #door: Door;
	#port: number;
	#installed: InstalledService | undefined;
	#running: {readonly service: RunningService; readonly machine: SimulatedMachine} | undefined;
	/** Starting and ending happen one after the other. */
	#settled: Promise<unknown> = Promise.resolve();

	/** `port` 0 takes a free one, and keeps it. */
	constructor(agent: SimulatedAgent, serve: ServeAgent, port: number) {
		this.#agent = agent;
		this.#serve = serve;
		this.#port = port;
		this.#door = new Door(agent, line => this.#welcome(line));
	}

	get port(): number {
		return this.#port;
	}

	get clients(): number {
		return this.#door.clients;
	}

	/** What its clients have to know; there is nothing to know before it was installed. */
	get access(): Pick<InstalledService, 'certificate' | 'token'> {
		if (!this.#installed) {
			throw new Error(`The service of ${this.#agent.name} is not installed yet.`);
		}

		return this.#installed;
	}

	async install(): Promise<void> {
		const {name, address, drive, clock, time, failover} = this.#agent;
		await drive.makeFolder(agentPaths.service);
		this.#installed = await this.#serve({
			name,
			address,
			folder: await drive.resolve(agentPaths.service),
			now: () => clock.now().getTime(),
			speed: time.speed,
			failover: failover !== undefined,
			...(failover && {switchOver: [agentPaths.switchOver] as const}),
		});
	}

	/** Starts its process, where there is none, and lets clients in. */
	async open(): Promise<void> {
		const {address, time} = this.#agent;
		await this.#next(async () => {
			if (time.ended.aborted || !this.#installed) {
				return;
			}

			if (!this.#running) {
				const machine = new SimulatedMachine(this.#agent);
				const service = await this.#installed.start(machine);
				this.#running = {service, machine};
			}

			this.#port = await this.#door.open(address, this.#port);
		});
	}

	/** Nobody comes in any more; the process goes on. */
	async shut(reason: string): Promise<void> {
		await this.#door.shut(reason);
	}

	/** Ends its process in the middle of whatever it does: what it had in memory is lost. Resolves when nothing listens. */
	async kill(reason = new Killed('user')): Promise<void> {
		await this.#door.shut(reason.message);
		await this.#next(async () => {
			await this.#door.shut(reason.message);
			const running = this.#running;
			this.#running = undefined;
			running?.machine.kill(reason);
			await running?.service.stop();
		});
	}

	dropConnections(reason: string): void {
		this.#door.dropConnections(reason);
	}

	silenceConnections(reason: string): void {
		this.#door.silenceConnections(reason);
	}

	#welcome(line: Line): void {
		if (!this.#running) {
			line.reset();
			return;
		}

		const inside = connect({host: loopback, port: this.#running.service.port, noDelay: true});
		line.pipe(inside).pipe(line);
		line.once('close', () => inside.destroy());
		inside.once('close', () => line.destroy());
		for (const end of [line, inside]) {
			// The close that follows tells.
			end.on('error', () => undefined);
		}

		// Encrypted as all is, an upload shows by its size: so much comes at once, without an answer between, of nothing else.
		let unanswered = 0;
		inside.on('data', () => (unanswered = 0));
		line.on('data', (bytes: Buffer) => {
			unanswered += bytes.length;
			if (unanswered > breakingPoint) {
				meetLineFaults(this.#agent, 'upload');
			}
		});
	}

	async #next(act: () => Promise<void>): Promise<void> {
		const result = this.#settled.then(act);
		this.#settled = result.catch(() => undefined);
		await result;
	}
}
