import type {Machine} from '../agent/machine.ts';

/** What a service has to know of the simulated Agent that it is installed on. */
export interface ServiceSite {
	readonly name: string;
	readonly address: string;
	/** A real folder of its own, on the drive of the Agent; it is there, and outlives every process. */
	readonly folder: string;
	/** By the clock of the Agent, in milliseconds since 1970-01-01 UTC. */
	readonly now: () => number;
	/** By how much time runs faster than in reality. */
	readonly speed: number;
	/** Whether the Agent is in a Failover pair. */
	readonly failover: boolean;
	/** Program and arguments that make this Agent of a pair take over. */
	readonly switchOver?: readonly [string, ...string[]];
}

/** A service that was installed on a simulated Agent. */
export interface InstalledService {
	/** SHA-256 of the certificate that it shows, as `openssl x509 -fingerprint -sha256` prints it. */
	readonly certificate: string;
	/** Lets in whoever shows it, and allows everything. */
	readonly token: string;
	/** Starts its process, on a free port of 127.0.0.1. What it does on the Agent goes through `machine`, which dies with it. */
	start(machine: Machine): Promise<RunningService>;
}

export interface RunningService {
	readonly port: number;
	/** Closes every socket. */
	stop(): Promise<void>;
}

/** Installs the HTTP service on a simulated Agent. It comes from outside, since the lab knows no transport. */
export type ServeAgent = (site: ServiceSite) => Promise<InstalledService>;
