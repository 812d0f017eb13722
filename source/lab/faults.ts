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
		name: 'reset-in-readiness',
		lasts: 'once',
		meaning: 'the network resets the connection while the Agent is asked whether it is ready',
	},
	{
		name: 'reset-in-lock',
		lasts: 'once',
		meaning:
			'the network resets the connection when the lock of a run has been made, before the answer arrives',
	},
	{
		name: 'reset-in-upload',
		lasts: 'once',
		// Source: General_Main_Release_10.0.0_CU19.md (RN 30511)
		meaning: 'the network resets the connection in the middle of an upload',
	},
	{
		name: 'reset-in-prerequisites',
		lasts: 'once',
		meaning: 'the network resets the connection while the prerequisites of the package run',
	},
	{
		name: 'reset-in-launch',
		lasts: 'once',
		meaning: 'the network resets the connection when the upgrade has been started, before the answer arrives',
	},
	{
		name: 'reset-in-upgrade',
		lasts: 'once',
		// Source: KI_SLNetIPC_Errors_During_Upgrade.md
		meaning: 'the network resets the connection while the upgrade is followed',
	},
	{
		name: 'reset-in-verification',
		lasts: 'once',
		meaning: 'the network resets the connection while the upgraded Agent is verified',
	},
	{
		name: 'silence-in-readiness',
		lasts: 'once',
		meaning:
			'a router forgets the connection while the Agent is asked whether it is ready: nothing passes, nobody is told',
	},
	{
		name: 'silence-in-lock',
		lasts: 'once',
		meaning:
			'a router forgets the connection when the lock of a run has been made, before the answer arrives',
	},
	{
		name: 'silence-in-upload',
		lasts: 'once',
		meaning: 'a router forgets the connection in the middle of an upload',
	},
	{
		name: 'silence-in-prerequisites',
		lasts: 'once',
		meaning: 'a router forgets the connection while the prerequisites of the package run',
	},
	{
		name: 'silence-in-launch',
		lasts: 'once',
		meaning: 'a router forgets the connection when the upgrade has been started, before the answer arrives',
	},
	{
		name: 'silence-in-upgrade',
		lasts: 'once',
		// Source: KI_SLNetIPC_Errors_During_Upgrade.md
		meaning: 'a router forgets the connection while the upgrade is followed',
	},
	{
		name: 'silence-in-verification',
		lasts: 'once',
		meaning: 'a router forgets the connection while the upgraded Agent is verified',
	},
	{
		name: 'upgrade-fails',
		lasts: 'once',
		// Source: KI_DCOMConfig_flagged_as_virus.md
		meaning: 'a virus scanner removed dcomConfig.exe, so that the upgrade fails half-way',
	},
	{
		name: 'left-out',
		lasts: 'once',
		// Source: General_Main_Release_10.0.0_CU1.md (RN 25043), where unstable Agents are left out with a warning
		meaning: 'the Agent that leads the upgrade of the cluster finds this one unstable and leaves it out',
	},
	{
		name: 'fails-after-success',
		lasts: 'once',
		// Source: RN 40348, where late progress overwrites a success
		meaning: 'the log says that the upgrade succeeded, and a while later that it failed, which is true',
	},
	{
		name: 'fails-while-running',
		lasts: 'once',
		// Source: RN 40348, where late progress overwrites a success
		meaning:
			'the log says that the upgrade succeeded, DataMiner runs on the new version, and then the log says that it failed',
	},
	{
		name: 'runs-after-failure',
		lasts: 'once',
		// Source: RN 36776, where what went well is marked failed
		meaning: 'the log ends with a failure, and yet DataMiner comes up and runs well on the new version',
	},
	{
		name: 'stays-old',
		lasts: 'once',
		// Source: Actions_that_can_be_performed_during_an_upgrade_operation.md, on .SLReplace
		meaning: 'the log ends well, but the files were locked and not replaced: the old version comes up again',
	},
	{
		name: 'flaps',
		lasts: 'once',
		// Source: Restart_loop_when_Elasticsearch_unavailable.md
		meaning: 'the database cannot be reached: DataMiner comes up after the upgrade and restarts a few times',
	},
	{
		name: 'falls-out',
		lasts: 'once',
		// Source: DataMiner_processes.md, on SLDataMiner
		meaning: 'DataMiner runs well on the new version for ten minutes, and then it ends and stays down',
	},
	{
		name: 'reboots',
		lasts: 'once',
		meaning: 'Windows reboots in the middle of the upgrade, which then goes on by itself',
	},
	{
		name: 'reboots-for-long',
		lasts: 'once',
		meaning:
			'Windows reboots in the middle of the upgrade and installs its updates, which takes half an hour',
	},
	{
		name: 'reboots-for-too-long',
		lasts: 'once',
		meaning:
			'Windows reboots in the middle of the upgrade and comes back after three hours, when nobody waits any more',
	},
	{
		name: 'log-truncated',
		lasts: 'once',
		meaning: 'somebody empties progress.log in the middle of the upgrade, which goes on writing to it',
	},
	{
		name: 'log-rotated',
		lasts: 'once',
		meaning: 'somebody renames progress.log in the middle of the upgrade, which goes on with a new one',
	},
	{
		name: 'clock-is-fast',
		lasts: 'until cleared',
		// Source: RN 27138, where a difference of hours made upgrades time out at once
		meaning: 'the clock of the server is seven hours ahead',
	},
	{
		name: 'clock-is-slow',
		lasts: 'until cleared',
		meaning: 'the clock of the server is seven hours behind',
	},
	{
		name: 'unreachable',
		lasts: 'until cleared',
		meaning: 'the server is off, or a firewall closed its ports',
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
	{
		name: 'iis-is-down',
		lasts: 'until cleared',
		// Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md
		meaning: 'IIS does not run: nothing listens where the web API of DataMiner should be',
	},
	{
		name: 'iis-error-page',
		lasts: 'until cleared',
		meaning: 'IIS runs and DataMiner’s web API in it does not: a page of HTML comes instead of an answer',
	},
	{
		name: 'iis-recycles',
		lasts: 'once',
		// Source: ConnectApp.md
		meaning:
			'IIS forgets who had logged in to the web API of DataMiner, between the login and the first question',
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
