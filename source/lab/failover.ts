import {appendFile} from 'node:fs/promises';
import {failoverLine} from './agent-files.ts';
import {agentPaths} from './agent-paths.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {serviceStates} from './services.ts';
import {tracedTime} from './simulated-time.ts';

export type Role = 'online' | 'offline' | 'going online';

const statusOf = {online: 'Online', offline: 'Offline', 'going online': 'Preparing to go online'} as const;
/** How long a pair takes, in seconds of real life. */
const partnerLeavesSeconds = 20;
const takesOverSeconds = 25;

/** One side of a Failover pair. A pair of the lab switches when it is told to, and never by itself. */
export class FailoverSide {
	#role: Role;
	#switching: Promise<string | undefined> | undefined;

	constructor(
		private readonly agent: SimulatedAgent,
		role: 'online' | 'offline',
		private readonly partner: () => SimulatedAgent,
	) {
		this.#role = role;
	}

	get role(): Role {
		return this.#role;
	}

	/**
	 * This Agent takes over from its partner. Resolves with the reason where it could not. SLNet does it, so that
	 * nobody who asked for it can end it half-way.
	 */
	async switchOver(): Promise<string | undefined> {
		this.#switching ??= this.#switch().finally(() => {
			this.#switching = undefined;
		});
		return this.#switching;
	}

	async #switch(): Promise<string | undefined> {
		if (this.#role === 'online') {
			return undefined;
		}

		const {agent} = this;
		const partner = this.partner();
		for (const side of [agent, partner]) {
			if (side.services.find('SLDataMiner')?.state !== serviceStates.running) {
				return `DataMiner does not run on ${side.name}.`;
			}
		}

		await this.#become('going online');
		await agent.time.pass(partnerLeavesSeconds);
		if (agent.faults.bites('switch-over-fails', agent.name)) {
			// Source: KI_Online_Failover_Agent_unable_to_acquire_VIP.md
			const reason = 'NOT switching state: Cannot claim DataMiner Failover IP';
			await this.#log(
				`${tracedTime(agent.clock.now())}|SLNet.exe|Legacy_DoSwitch_WaitForVIP|INF|0|33|${reason}\r\n`,
			);
			await this.#become('offline');
			return reason;
		}

		await partner.failover?.becomeOffline();
		await agent.time.pass(takesOverSeconds);
		await this.#become('online');
		return undefined;
	}

	async becomeOffline(): Promise<void> {
		await this.#become('offline');
	}

	async #become(role: Role): Promise<void> {
		this.#role = role;
		this.agent.events.note(this.agent.name, 'role-changed', {role});
		await this.#log(failoverLine(this.agent.clock.now(), statusOf[role]));
	}

	async #log(line: string): Promise<void> {
		await appendFile(await this.agent.drive.resolve(agentPaths.failoverLog), line);
	}
}
