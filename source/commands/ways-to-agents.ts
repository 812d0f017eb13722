import {readFile} from 'node:fs/promises';
import {type Inventory, type InventoryAgent, type KnownAgent, isKnownAgent} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import type {UnsupportedOption} from '../transport/ssh/client-config/config-errors.ts';
import type {HostSettings} from '../transport/ssh/client-config/host-settings.ts';
import {resolveRoute} from '../transport/ssh/client-config/resolve-route.ts';
import {type Surroundings, thisComputer} from '../transport/ssh/client-config/surroundings.ts';
import type {SshOptions} from '../transport/ssh/ssh-options.ts';
import {UsageError} from './usage-error.ts';

/** How one Agent is reached. */
export interface Way {
	readonly agent: InventoryAgent;
	readonly options: SshOptions;
	/** What of the SSH configuration is not followed on it. */
	readonly notices: readonly UnsupportedOption[];
}

/**
 * How the Agents of a cluster are reached, in its order. Reads the SSH configuration and connects to nobody. Rejects
 * with a `UserError` where the configuration cannot be used.
 */
export async function waysTo(
	{sshConfig, agents}: Inventory,
	surroundings: Surroundings = readingOnce(thisComputer(sshConfig)),
): Promise<readonly Way[]> {
	const keys = new Map<string, Promise<string>>();
	const keyOf = ({name, identityFile}: KnownAgent) => {
		const key = keys.get(identityFile) ?? readKey(name, identityFile);
		keys.set(identityFile, key);
		return key;
	};
	const ways: Way[] = [];
	for (const agent of agents) {
		ways.push(
			sshConfig === 'none' && isKnownAgent(agent)
				? pinnedWay(agent, await keyOf(agent))
				: await routedWay(agent, surroundings),
		);
	}

	return ways;
}

/** Nothing is left to find out: the one key, the one fingerprint, and nobody is asked. */
function pinnedWay(agent: KnownAgent, privateKey: string): Way {
	const {address, port, user, hostKey} = agent;
	return {agent, options: {address, port, user, privateKey, hostKey}, notices: []};
}

async function routedWay(agent: InventoryAgent, surroundings: Surroundings): Promise<Way> {
	const {address, user, port, hostKey} = agent;
	const found = await resolveRoute(
		{host: address, ...(user !== undefined && {user}), ...(port !== undefined && {port})},
		surroundings,
	);
	const route = found.map((settings, index) =>
		index === found.length - 1 ? withIdentity(settings, agent) : settings,
	);
	return {
		agent,
		options: {address, route, ...(hostKey !== undefined && {hostKey})},
		notices: found.flatMap(({notices}) => notices),
	};
}

/** A key that the inventory names is the only one that is tried, as with `ssh -i FILE -o IdentitiesOnly=yes`. */
function withIdentity(settings: HostSettings, {identityFile}: InventoryAgent): HostSettings {
	return identityFile === undefined
		? settings
		: {
				...settings,
				identityFiles: [{path: identityFile, written: identityFile, byDefault: false}],
				identitiesOnly: true,
			};
}

/** All Agents see the same files, and these are read once, however many Agents there are. */
function readingOnce(surroundings: Surroundings): Surroundings {
	const files = new Map<string, ReturnType<Surroundings['readFile']>>();
	const folders = new Map<string, ReturnType<Surroundings['listFolder']>>();
	return {
		...surroundings,
		readFile: path => remembered(files, path, surroundings.readFile),
		listFolder: path => remembered(folders, path, surroundings.listFolder),
	};
}

function remembered<Value>(known: Map<string, Value>, key: string, find: (key: string) => Value): Value {
	const value = known.get(key) ?? find(key);
	known.set(key, value);
	return value;
}

async function readKey(agent: string, file: string): Promise<string> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new UsageError(
			`The private key ${visibleText(file, 300)} of ${agent} cannot be read: ${visibleText(reason, 300)}.`,
			['Check identityFile in the inventory, and the rights of the file.'],
		);
	}
}
