import {chmod, mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {readClusterSoftware} from './agent-software.ts';
import {layOutCluster} from './cluster-layout.ts';
import {LabEvents} from './events.ts';
import type {LabEvent} from './events.ts';
import {Faults, parseFault} from './faults.ts';
import type {Fault} from './faults.ts';
import {LabFolderInUseError, LabPortInUseError} from './lab-errors.ts';
import {type LabInventory, labInventory} from './lab-inventory.ts';
import {type LabOptions, checkNamed, isAmong, labSettings} from './lab-settings.ts';
import {generateLabPackages} from './packages.ts';
import type {LabPackages} from './packages.ts';
import {SimulatedAgent} from './simulated-agent.ts';
import {SimulatedTime} from './simulated-time.ts';
import {generateKeyPair} from './ssh-keys.ts';
import {type VirtualWebApiSite, openVirtualSites} from './virtual-web-api.ts';

export type {LabInventory, LabOptions};

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

const user = 'Administrator';

/** Starts a practice cluster: simulated Agents behind real servers on this computer. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
	const settings = labSettings(options);
	const plans = layOutCluster(settings.agents, settings.pairs, await hasManyAddresses());
	const names = plans.map(plan => plan.name);
	checkNamed(settings, names);
	const faults = (settings.faults ?? []).map(text => parseFault(text, names));
	const softwareOf = readClusterSoftware(settings.software ?? {}, names);
	const folder = await makeFolder(options.folder);
	const time = new SimulatedTime(settings.speed);
	const events = new LabEvents(folder);
	const agents: SimulatedAgent[] = [];
	let virtualSites: readonly VirtualWebApiSite[] = [];
	let stopped: Promise<void> | undefined;
	const stop = async () => {
		time.end();
		await Promise.all(virtualSites.map(async site => site.shut('the lab stops')));
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
			// Behind the SSH ports of all Agents.
			const servicePort = port === 0 ? 0 : port + plans.length;
			const service = settings.http &&
				isAmong(settings.http.agents, plan.name, index) && {
					serve: settings.http.serve,
					port: servicePort,
				};
			// And those behind the ports of the services, if there are any.
			const webPort = port === 0 ? 0 : port + (settings.http ? 2 : 1) * plans.length;
			const webApi = isAmong(settings.webApi, plan.name, index) && {port: webPort};
			const hostKey = hostKeys.get(plan.name) ?? generateKeyPair(plan.name);
			const software = softwareOf(plan.name);
			agents.push(
				new SimulatedAgent({
					...common,
					plan,
					hostKey,
					driveFolder,
					port,
					software,
					...(service && {service}),
					...(webApi && {webApi}),
				}),
			);
		}

		for (const fault of faults) {
			inForce.inject(fault);
		}

		await Promise.all(agents.map(async agent => install(agent)));
		virtualSites = await openVirtualSites(agents);
		const inventory = await labInventory(agents, {
			cluster: settings.clusterName,
			speed: settings.speed,
			packages: path.dirname(packages.full),
			folder,
			user,
			identityFile,
			hostKeyOf: name => hostKeys.get(name)?.fingerprint ?? '',
		});
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

async function install(agent: SimulatedAgent): Promise<void> {
	try {
		await agent.install();
	} catch (error) {
		const {code, port = agent.port} = error as NodeJS.ErrnoException & {port?: number};
		if (code === 'EADDRINUSE' || code === 'EACCES') {
			throw new LabPortInUseError(agent.address, port, code === 'EACCES', {cause: error});
		}

		throw error;
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
