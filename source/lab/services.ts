import type {LabEvents} from './events.ts';

/** The numbers of the Windows service manager. */
export const serviceStates = {stopped: 1, starting: 2, stopping: 3, running: 4} as const;

export type ServiceState = (typeof serviceStates)[keyof typeof serviceStates];

interface Service {
	readonly name: string;
	state: ServiceState;
	/** 0 while it does not run. */
	processId: number;
}

/** The services that make up DataMiner; SLWatchDog survives what stops the others. Source: DataMiner_processes.md */
export const dataMinerServices = [
	'SLDataMiner',
	'SLNet',
	'SLNetCOMService',
	'SLDMS',
	'SLElement',
	'SLProtocol',
] as const;

const otherServices = [
	'SLWatchDog',
	'nats-server',
	'DataMiner BrokerGateway',
	'DataMiner APIGateway',
	'DataMiner StorageModule',
	'W3SVC',
	'SNMP',
] as const;

const eventOf = {
	[serviceStates.stopped]: 'service-stopped',
	[serviceStates.starting]: 'service-starting',
	[serviceStates.stopping]: 'service-stopping',
	[serviceStates.running]: 'service-running',
} as const;

/** The services of one simulated Agent; names are found whatever their case. */
export class Services {
	readonly #services = new Map<string, Service>();
	#lastProcessId = 1000;

	constructor(
		private readonly agent: string,
		private readonly events: LabEvents,
	) {
		for (const name of [...dataMinerServices, ...otherServices]) {
			const service = {name, state: serviceStates.running, processId: this.#nextProcessId()};
			this.#services.set(name.toLowerCase(), service);
		}
	}

	find(name: string): Readonly<Service> | undefined {
		return this.#services.get(name.toLowerCase());
	}

	/** As somebody left it who is no part of DataMiner's starting and stopping. */
	install(name: string, state: 'running' | 'stopped' | 'missing'): void {
		if (state === 'missing') {
			this.#services.delete(name.toLowerCase());
			return;
		}

		this.#services.set(name.toLowerCase(), {
			name: this.find(name)?.name ?? name,
			state: serviceStates[state],
			processId: state === 'running' ? this.#nextProcessId() : 0,
		});
	}

	get all(): readonly Readonly<Service>[] {
		return [...this.#services.values()];
	}

	set(names: readonly string[], state: ServiceState): void {
		for (const name of names) {
			const service = this.#services.get(name.toLowerCase());
			if (!service || service.state === state) {
				continue;
			}

			if (state === serviceStates.stopped) {
				service.processId = 0;
			} else if (service.processId === 0) {
				service.processId = this.#nextProcessId();
			}

			service.state = state;
			this.events.note(this.agent, eventOf[state], {service: service.name});
		}
	}

	/** Windows gives process ids in steps of four. */
	#nextProcessId(): number {
		this.#lastProcessId += 4 + 4 * Math.floor(Math.random() * 40);
		return this.#lastProcessId;
	}
}
