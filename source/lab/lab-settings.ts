import {visibleText} from '../domain/text.ts';
import type {ClusterSoftware} from './agent-software.ts';
import {LabSettingError} from './lab-errors.ts';
import type {ServeAgent} from './service-site.ts';
import type {ShellName} from './windows-shell.ts';

export interface LabOptions {
	/** All Agents, those of pairs included. Default 5. */
	readonly agents?: number;
	/** Failover pairs; the last `2 * pairs` Agents are theirs. Default 1 where there are two Agents. */
	readonly pairs?: number;
	/** The port of the first Agent; the others have the following ones. Default 0: free ports. */
	readonly port?: number;
	/** By how much time runs faster than in reality. Default 120. */
	readonly speed?: number;
	/** Where everything goes; must be empty, and stays. Default: a temporary folder that `stop` removes. */
	readonly folder?: string;
	/** `NAME@AGENT`, in force from the beginning. */
	readonly faults?: readonly string[];
	/** What runs on every Agent, as VersionHistory.txt writes it. */
	readonly version?: string;
	readonly clusterName?: string;
	/** What the Agents' SSH servers run commands with. Default cmd. */
	readonly shell?: ShellName;
	/** Size of the full packages. Default 16 MiB. */
	readonly fillerBytes?: number;
	/** Versions, software and settings of single Agents, by name, where they differ from a well-kept server's. */
	readonly software?: ClusterSoftware;
	/** The Agents that have the HTTP service besides their SSH server, and what serves there. Default: none. */
	readonly http?: LabHttp;
	/** The Agents whose web API of DataMiner can be reached. Default: none. */
	readonly webApi?: LabAgents;
}

/** `half`: the first, the third and so on. */
export type LabAgents = 'all' | 'half' | readonly string[];

export interface LabHttp {
	readonly agents: LabAgents;
	readonly serve: ServeAgent;
}

/** Settings with nothing left open that has a default. */
export type LabSettings = Required<Omit<LabOptions, 'folder' | 'faults' | 'software' | 'http' | 'webApi'>> &
	LabOptions;

const defaults = {
	agents: 5,
	port: 0,
	speed: 120,
	version: '10.5.12.0(CU2)-16797-20260112-release',
	clusterName: 'Practice',
	shell: 'cmd',
	fillerBytes: 16 * 1024 * 1024,
} as const satisfies LabOptions;

const mostAgents = 200;
/** Fills in what was left out. Throws `LabSettingError` where no lab can be made of it. */
export function labSettings(options: LabOptions): LabSettings {
	const settings = {...defaults, pairs: (options.agents ?? defaults.agents) < 2 ? 0 : 1, ...options};
	check(settings);
	return settings;
}

/** Whether the Agent with this name, the `index`-th, is one of these. */
export function isAmong(agents: LabAgents | undefined, name: string, index: number): boolean {
	switch (agents) {
		case undefined: {
			return false;
		}

		case 'all': {
			return true;
		}

		case 'half': {
			return index % 2 === 0;
		}

		default: {
			return agents.includes(name);
		}
	}
}

/** Throws `LabSettingError` for names that no Agent has. */
export function checkNamed({http, webApi}: LabOptions, names: readonly string[]): void {
	const named = [http?.agents, webApi].flatMap(agents => (typeof agents === 'object' ? agents : []));
	const unknown = named.find(name => !names.includes(name));
	if (unknown !== undefined) {
		throw new LabSettingError(
			`it has no Agent “${visibleText(unknown, 64)}” to be reached over HTTP, but ${names.slice(0, 10).join(', ')}`,
		);
	}
}

function check({agents, pairs, port, speed, clusterName, http, webApi}: LabSettings): void {
	const whole = (value: number, least: number, most: number) =>
		Number.isInteger(value) && value >= least && value <= most;
	if (!whole(agents, 1, mostAgents)) {
		throw new LabSettingError(`the number of Agents must be 1 to ${mostAgents}`);
	}

	if (!whole(pairs, 0, Math.floor(agents / 2))) {
		throw new LabSettingError(`${agents} Agents can be at most ${Math.floor(agents / 2)} Failover pairs`);
	}

	const ports = (1 + (http ? 1 : 0) + (webApi ? 1 : 0)) * agents;
	if (!whole(port, 0, 65_536 - ports)) {
		throw new LabSettingError(`with ${agents} Agents the port must be 0 to ${65_536 - ports}`);
	}

	if (!(speed >= 1 && speed <= 10_000)) {
		throw new LabSettingError('the speed must be 1 to 10000');
	}

	if (!/^[^\u0000-\u001F]{1,64}$/.test(clusterName)) {
		throw new LabSettingError('the name of the cluster must have 1 to 64 characters');
	}
}
