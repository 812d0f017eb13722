import {chmod, mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {inventorySchema} from '../config/inventory.ts';
import type {Inventory, KnownAgent} from '../config/inventory.ts';
import {agentPaths} from './agent-paths.ts';
import {type ClusterSoftware, readClusterSoftware} from './agent-software.ts';
import {layOutCluster} from './cluster-layout.ts';
import type {AgentPlan} from './cluster-layout.ts';
import {LabEvents} from './events.ts';
import type {LabEvent} from './events.ts';
import {Faults, parseFault} from './faults.ts';
import type {Fault} from './faults.ts';
import {LabFolderInUseError, LabPortInUseError, LabSettingError} from './lab-errors.ts';
import {generateLabPackages} from './packages.ts';
import type {LabPackages} from './packages.ts';
import {SimulatedAgent} from './simulated-agent.ts';
import {SimulatedTime} from './simulated-time.ts';
import {generateKeyPair} from './ssh-keys.ts';
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
}

/** A practice cluster leaves nothing open. */
export interface LabInventory extends Inventory {
	agents: KnownAgent[];
}

/** Who uses a practice cluster. */
export interface LabUse {
	/** How many clients are connected to its Agents. */
	readonly clients: number;
	/** True while something goes on there that clients come back to. */
	readonly busy: boolean;
}

/** A practice cluster that runs. */
export interface Lab {
	/** How its Agents are reached; a valid inventory file. */
	readonly inventory: LabInventory;
	readonly folder: string;
	/** Paths of packages to practise with. */
	readonly packages: LabPackages;
	readonly agents: readonly SimulatedAgent[];
	/** What happened so far, in order; also in `lab-events.ndjson` in the folder. */
	readonly events: readonly LabEvent[];
	/** Who uses it now. */
	readonly use: LabUse;
	/** Lets a failure happen, as text (`NAME@AGENT`) or as a value. */
	inject(fault: Fault | string): Promise<void>;
	/** Somebody repaired it. */
	clear(fault: Fault | string): Promise<void>;
	/** Ends everything that runs and closes every socket. May be called twice. */
	stop(): Promise<void>;
}

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
const user = 'Administrator';

/** Starts a practice cluster: simulated Agents behind real SSH servers on this computer. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
	const settings = {...defaults, pairs: (options.agents ?? defaults.agents) < 2 ? 0 : 1, ...options};
	check(settings);
	const plans = layOutCluster(settings.agents, settings.pairs, await hasManyAddresses());
	const names = plans.map(plan => plan.name);
	const faults = (settings.faults ?? []).map(text => parseFault(text, names));
	const softwareOf = readClusterSoftware(settings.software ?? {}, names);
	const folder = await makeFolder(options.folder);
	const time = new SimulatedTime(settings.speed);
	const events = new LabEvents(folder);
	const agents: SimulatedAgent[] = [];
	let stopped: Promise<void> | undefined;
	const stop = async () => {
		time.end();
		await Promise.all(agents.map(async agent => agent.stop()));
		events.close();
		if (options.folder === undefined) {
			await rm(folder, {recursive: true, force: true, maxRetries: 5});
		}
	};

	try {
		const identityFile = path.join(folder, 'lab-key');
		const clientKey = generateKeyPair('dms-upgrade lab');
		await writeFile(identityFile, clientKey.privateKey, {mode: 0o600});
		const packages = await generateLabPackages(path.join(folder, 'packages'), settings);
		const inForce = new Faults(events);
		const common = {
			cluster: {name: settings.clusterName, members: plans, version: settings.version},
			user,
			clientKey: clientKey.publicKey,
			shell: settings.shell,
			time,
			events,
			faults: inForce,
			members: agents,
		};
		const hostKeys = new Map(plans.map(plan => [plan.name, generateKeyPair(plan.name)]));
		for (const [index, plan] of plans.entries()) {
			const driveFolder = path.join(folder, plan.name, 'C');
			await mkdir(driveFolder, {recursive: true});
			const port = settings.port === 0 ? 0 : settings.port + index;
			const hostKey = hostKeys.get(plan.name) ?? generateKeyPair(plan.name);
			const software = softwareOf(plan.name);
			agents.push(new SimulatedAgent({...common, plan, hostKey, driveFolder, port, software}));
		}

		for (const fault of faults) {
			inForce.inject(fault);
		}

		await Promise.all(agents.map(async agent => install(agent)));
		const reached = agents.map((agent, index): KnownAgent => ({
			name: agent.name,
			address: agent.address,
			port: agent.port,
			user,
			identityFile,
			hostKey: hostKeys.get(agent.name)?.fingerprint ?? '',
			...pairFacts(plans[index]),
		}));
		const inventory: LabInventory = {
			...inventorySchema.parse({
				cluster: settings.clusterName,
				speed: settings.speed,
				// Whatever one's own configuration says of these addresses, it does not mean them.
				sshConfig: 'none',
				packages: path.dirname(packages.full),
				agents: reached,
			}),
			agents: reached,
		};
		const change = async (fault: Fault | string, act: (fault: Fault) => void) => {
			const {name, agent} = typeof fault === 'string' ? parseFault(fault, names) : fault;
			act({name, agent});
			await agents.find(one => one.name === agent)?.meetFaults();
		};
		return {
			inventory,
			folder,
			packages,
			agents,
			events: events.all,
			get use() {
				return {
					clients: agents.reduce((sum, agent) => sum + agent.clients, 0),
					busy: agents.some(agent => agent.busy),
				};
			},
			inject: async fault => change(fault, one => inForce.inject(one)),
			clear: async fault => change(fault, one => inForce.clear(one)),
			stop: async () => (stopped ??= stop()),
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function pairFacts(plan: AgentPlan | undefined): object {
	return plan?.partner === undefined ? {} : {partner: plan.partner, switchOver: [agentPaths.switchOver]};
}

async function install(agent: SimulatedAgent): Promise<void> {
	try {
		await agent.install();
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'EADDRINUSE' || code === 'EACCES') {
			throw new LabPortInUseError(agent.address, agent.port, code === 'EACCES', {cause: error});
		}

		throw error;
	}
}

function check({
	agents,
	pairs,
	port,
	speed,
	clusterName,
}: Required<Omit<LabOptions, 'folder' | 'faults' | 'software'>>): void {
	const whole = (value: number, least: number, most: number) =>
		Number.isInteger(value) && value >= least && value <= most;
	if (!whole(agents, 1, mostAgents)) {
		throw new LabSettingError(`the number of Agents must be 1 to ${mostAgents}`);
	}

	if (!whole(pairs, 0, Math.floor(agents / 2))) {
		throw new LabSettingError(`${agents} Agents can be at most ${Math.floor(agents / 2)} Failover pairs`);
	}

	if (!whole(port, 0, 65_535 - (agents - 1))) {
		throw new LabSettingError(`with ${agents} Agents the port must be 0 to ${65_536 - agents}`);
	}

	if (!(speed >= 1 && speed <= 10_000)) {
		throw new LabSettingError('the speed must be 1 to 10000');
	}

	if (!/^[^\u0000-\u001F]{1,64}$/.test(clusterName)) {
		throw new LabSettingError('the name of the cluster must have 1 to 64 characters');
	}
}

async function makeFolder(folder: string | undefined): Promise<string> {
	if (folder === undefined) {
		return mkdtemp(path.join(tmpdir(), 'dms-upgrade-lab-'));
	}

	const absolute = path.resolve(folder);
	await mkdir(absolute, {recursive: true, mode: 0o700});
	if ((await readdir(absolute)).length > 0) {
		throw new LabFolderInUseError(absolute);
	}

	await chmod(absolute, 0o700);
	return absolute;
}

/** Linux and Windows have all of 127.0.0.0/8; macOS only 127.0.0.1. */
async function hasManyAddresses(): Promise<boolean> {
	return new Promise(resolve => {
		const probe = createServer();
		probe.once('error', () => resolve(false));
		probe.listen(0, '127.10.0.11', () => probe.close(() => resolve(true)));
	});
}
