import {UserError} from '../domain/user-error.ts';
import type {LabEvents} from './events.ts';

interface FaultInfo {
	readonly name: string;
	/** `once`: it bites a single time. `until cleared`: it bites until the lab is told that somebody repaired it. */
	readonly lasts: 'once' | 'until cleared';
	/** The real failure that it stands for, for people. */
	readonly meaning: string;
}

/** Every failure that can be practised. A new one is an entry here, and the place where it bites. */
export const faultInfos = [
	{
		name: 'prerequisite-fails',
		lasts: 'until cleared',
		// Source: VerifyClusterPorts.dmupgrade.md
		meaning: 'a firewall blocks the NATS ports, so that a prerequisite of the package fails',
	},
	{
		name: 'upload-breaks',
		lasts: 'once',
		// Source: General_Main_Release_10.0.0_CU19.md (RN 30511)
		meaning: 'the network drops the connection in the middle of an upload',
	},
	{
		name: 'upgrade-fails',
		lasts: 'once',
		// Source: KI_DCOMConfig_flagged_as_virus.md
		meaning: 'a virus scanner removed dcomConfig.exe, so that the upgrade fails half-way',
	},
	{
		name: 'reboots',
		lasts: 'once',
		meaning: 'Windows reboots in the middle of the upgrade, which then goes on by itself',
	},
	{
		name: 'unreachable',
		lasts: 'until cleared',
		meaning: 'the server is off, or a firewall closed its SSH port',
	},
	{
		name: 'disk-almost-full',
		lasts: 'until cleared',
		// Source: Keeping_a_DMA_from_running_out_of_disk_space.md
		meaning: 'hardly any space is left on drive C:',
	},
	{
		name: 'does-not-start',
		lasts: 'until cleared',
		// Source: Troubleshooting_Startup_Issues.md
		meaning: 'a DcM does not run, so that DataMiner hangs while it starts',
	},
	{
		name: 'switch-over-fails',
		lasts: 'until cleared',
		// Source: KI_Online_Failover_Agent_unable_to_acquire_VIP.md
		meaning: 'the Agent cannot claim the virtual IP address and does not come online',
	},
] as const satisfies readonly FaultInfo[];

export type FaultName = (typeof faultInfos)[number]['name'];

export interface Fault {
	readonly name: FaultName;
	/** The name of the Agent that it befalls. */
	readonly agent: string;
}

/** A fault was asked for in a way that the lab does not understand. */
export class UnknownFaultError extends UserError {
	readonly code = 'UNKNOWN_FAULT';
	readonly nextSteps: readonly string[];

	constructor(text: string, reason: string, agents: readonly string[]) {
		super(`The fault "${text}" cannot be injected: ${reason}.`);
		this.nextSteps = [
			`Write NAME@AGENT, for example ${faultInfos[0].name}@${agents[0] ?? 'AGENT'}.`,
			`Faults: ${faultInfos.map(info => info.name).join(', ')}.`,
			`Agents: ${agents.join(', ')}.`,
		];
	}
}

/** Reads `NAME@AGENT`. Throws `UnknownFaultError` for anything else. */
export function parseFault(text: string, agents: readonly string[]): Fault {
	const at = text.indexOf('@');
	if (at === -1) {
		throw new UnknownFaultError(text, 'it does not say on which Agent', agents);
	}

	const wanted = text.slice(0, at);
	const info = faultInfos.find(known => known.name === wanted);
	if (!info) {
		throw new UnknownFaultError(text, `there is no fault named "${wanted}"`, agents);
	}

	const agent = text.slice(at + 1);
	if (!agents.includes(agent)) {
		throw new UnknownFaultError(text, `the lab has no Agent named "${agent}"`, agents);
	}

	return {name: info.name, agent};
}

/** The faults that are in force, and who wants to know of them. */
export class Faults {
	readonly #active = new Set<string>();
	readonly #listeners: ((fault: Fault) => void)[] = [];

	constructor(private readonly events: LabEvents) {}

	inject(fault: Fault): void {
		this.#active.add(keyOf(fault));
		this.events.note(fault.agent, 'fault-injected', {fault: fault.name});
		this.#tell(fault);
	}

	/** Somebody repaired what was wrong. */
	clear(fault: Fault): void {
		if (this.#active.delete(keyOf(fault))) {
			this.events.note(fault.agent, 'fault-cleared', {fault: fault.name});
			this.#tell(fault);
		}
	}

	active(name: FaultName, agent: string): boolean {
		return this.#active.has(keyOf({name, agent}));
	}

	/** Asked at the moment when the fault bites: true where it is in force. One that bites once is over then. */
	bites(name: FaultName, agent: string): boolean {
		if (!this.active(name, agent)) {
			return false;
		}

		if (faultInfos.find(info => info.name === name)?.lasts === 'once') {
			this.#active.delete(keyOf({name, agent}));
		}

		this.events.note(agent, 'fault-bit', {fault: name});
		return true;
	}

	onChange(listener: (fault: Fault) => void): void {
		this.#listeners.push(listener);
	}

	#tell(fault: Fault): void {
		for (const listener of this.#listeners) {
			listener(fault);
		}
	}
}

function keyOf({name, agent}: Fault): string {
	return `${name}@${agent}`;
}
