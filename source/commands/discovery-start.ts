import path from 'node:path';
import {type Inventory, type InventoryAgent, agentSchema} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import type {Arguments} from './arguments.ts';
import {UsageError} from './usage-error.ts';

type Flags = Arguments['flags'];

/** Where to begin, and what its file says of the cluster. */
export interface Start extends Pick<Inventory, 'speed' | 'sshConfig' | 'packages'> {
	readonly agent: InventoryAgent;
}

/**
 * The Agent of a known cluster that bears this name or address, or else `[USER@]HOST[:PORT]` over SSH, or the service at
 * `https://HOST[:PORT]`. Throws a `UsageError`.
 */
export function startFrom(
	host: string,
	known: readonly Inventory[],
	{identityFile, hostKey, tokenFile}: Partial<Pick<Flags, 'identityFile' | 'hostKey' | 'tokenFile'>>,
): Start {
	const more = {
		...(identityFile !== undefined && {identityFile}),
		...(hostKey !== undefined && {hostKey}),
		...(tokenFile !== undefined && {tokenFile: path.resolve(tokenFile)}),
	};
	const found = known.flatMap(({cluster, speed, sshConfig, packages, agents}) =>
		agents
			.filter(({name, address}) => name === host || address.toLowerCase() === host.toLowerCase())
			.map(agent => ({
				cluster,
				start: {
					agent: {...agent, ...more},
					speed,
					...(sshConfig !== undefined && {sshConfig}),
					...(packages !== undefined && {packages}),
				},
			})),
	);
	const [first] = found;
	if (first && new Set(found.map(({cluster}) => cluster)).size > 1) {
		throw new UsageError(`${visibleText(host, 100)} is an Agent of several clusters in the file.`, [
			`Add --cluster NAME: ${found.map(({cluster}) => cluster).join(', ')}.`,
		]);
	}

	if (first) {
		return first.start;
	}

	if (/^https?:/i.test(host)) {
		return {agent: {...servedAt(host), ...more}, speed: 1};
	}

	const parts =
		/^(?:(?<user>[^@]+)@)?(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+|[^:]*:[^:]*:.*?))(?::(?<port>\d+))?$/.exec(host);
	const {user, v6, name, port} = parts?.groups ?? {};
	const address = v6 ?? name ?? '';
	const {data} = agentSchema.safeParse({
		name: address.replaceAll(/[^\w.-]+/g, '-').slice(0, 64),
		address,
		...(user !== undefined && {user}),
		...(port !== undefined && {port: Number(port)}),
		...more,
	});
	if (!data) {
		throw new UsageError(`--discover ${visibleText(host, 200)} names no Agent.`, [
			'Write --discover HOST, with the user and the port where they are needed: Administrator@10.4.2.92:22.',
			'Or name an Agent of one of your clusters.',
			'--host-key takes a fingerprint such as SHA256:…',
		]);
	}

	return {agent: data, speed: 1};
}

/** Throws a `UsageError`. */
function servedAt(text: string): InventoryAgent {
	const url = URL.parse(text);
	const address = url?.hostname.replaceAll(/^\[|\]$/g, '') ?? '';
	const {data} = agentSchema.safeParse({
		name: address.replaceAll(/[^\w.-]+/g, '-').slice(0, 64),
		address,
		service: {
			...(url?.port && {port: Number(url.port)}),
			// Whether that is allowed is decided where it is connected to.
			plain: url?.protocol === 'http:',
		},
	});
	if (!data || url?.username !== '' || url.password !== '' || !['', '/'].includes(url.pathname)) {
		throw new UsageError(`--discover ${visibleText(text, 200)} is no service of an Agent.`, [
			'Write https://HOST or https://HOST:PORT, as dms-upgrade serve prints it there.',
			'--discover-web asks the web API of DataMiner itself.',
		]);
	}

	return data;
}
