import packageFile from '../../package.json' with {type: 'json'};
import type {ClusterRemarks} from '../config/cluster-file-text.ts';
import {type Inventory, type InventoryAgent, agentSchema} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {ServiceSockets} from '../transport/http/client/service-sockets.ts';
import {type ListedAgent, WebServices} from '../transport/http/web-api/web-services.ts';
import type {Discovered} from './discovered-cluster.ts';
import type {SshAccess} from './ssh-access.ts';
import {UsageError} from './usage-error.ts';

/**
 * Asks DataMiner's own web API on one Agent for the cluster. The password goes to this address and to none that an
 * answer names. Rejects where it does not answer, does not let in, or names no Agent that could be reached as such.
 */
export async function discoverOnWeb(
	url: string,
	access: SshAccess,
	signal: AbortSignal,
): Promise<Discovered> {
	const {place, user} = placeOf(url);
	const sockets = new ServiceSockets(place, access.serviceTrust);
	const services = new WebServices({place, sockets, version: packageFile.version});
	try {
		// Before the password: whether anything answers there, and whether it is to be trusted.
		const version = await services.slNetVersion(signal);
		const password = await access.askSecret(
			{
				kind: 'password',
				address: place.address,
				host: place.address,
				port: place.port,
				user,
				text: `Password of the DataMiner user ${user}`,
				instructions: '',
				echo: false,
				again: false,
				goodOnce: true,
			},
			signal,
		);
		if (password === undefined) {
			throw new PasswordMissingError(place.address, user);
		}

		const listed = await services.agents(user, password, signal);
		return clusterOf(listed, place.address, version);
	} finally {
		sockets.destroy();
	}
}

function placeOf(text: string) {
	const url = URL.parse(text);
	if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '' || !['', '/'].includes(url.pathname)) {
		throw new UsageError(`--discover-web ${visibleText(text, 200)} is no address of a web server.`, [
			'Write https://HOST, with the user and the port where they are needed: https://Administrator@10.4.2.92:443.',
		]);
	}

	if (url.password !== '') {
		throw new UsageError('A password has no place on the command line: others can read it there.', [
			`Leave it out; it is asked for.`,
		]);
	}

	const plain = url.protocol === 'http:';
	return {
		place: {
			address: url.hostname.replaceAll(/^\[|\]$/g, ''),
			port: url.port === '' ? (plain ? 80 : 443) : Number(url.port),
			plain,
		},
		user: url.username === '' ? 'Administrator' : decodeURIComponent(url.username),
	};
}

/** Throws `NothingToReachError`. */
function clusterOf(listed: readonly ListedAgent[], asked: string, version: string | undefined): Discovered {
	const agents: InventoryAgent[] = [];
	const about = new Map<string, readonly string[]>();
	const left: string[] = [];
	for (const {name, primaryAddress, dataMinerId, status, failover} of listed) {
		const plain = name.replaceAll(/[^\w.-]+/g, '-').slice(0, 56) || `DMA-${dataMinerId}`;
		const {data} = agentSchema.safeParse({name: plain, address: primaryAddress});
		if (failover || !data || about.has(plain) || agents.some(({address}) => address === primaryAddress)) {
			left.push(
				failover
					? `${name}, DataMiner ID ${dataMinerId}, is a Failover pair: add both Agents with their own addresses, and “partner”. ${primaryAddress} may be its virtual address.`
					: `${name}, DataMiner ID ${dataMinerId}, at ${primaryAddress}, has no name or address of its own.`,
			);
			continue;
		}

		agents.push(data);
		about.set(plain, [`DataMiner ID ${dataMinerId}, ${status}`]);
	}

	const [first] = agents;
	if (!first) {
		throw new NothingToReachError(asked, left);
	}

	const cluster = listed.find(entry => entry.cluster !== '')?.cluster ?? first.name;
	const inventory: Inventory = {cluster, speed: 1, agents};
	const remarks: ClusterRemarks = {
		above: [
			`Read from the web API of DataMiner at ${asked}${version === undefined ? '' : `, where SLNet ${version} runs`}. Which Agent answered there is not told.`,
			'None of these Agents was asked who it is: dms-upgrade agents does.',
			...left.map(line => `Not added: ${line}`),
		],
		agents: about,
	};
	return {inventory, remarks};
}

/** Nobody was there to be asked, or did not want to answer. Nothing was sent. */
class PasswordMissingError extends UserError {
	readonly code = 'PASSWORD_MISSING';
	override readonly exitCode = exitCodes.unreachable;
	readonly nextSteps = [
		'Run it in a terminal and answer the question.',
		'Or discover over SSH: --discover HOST.',
	];
	constructor(address: string, user: string) {
		super(
			`Without the password of ${visibleText(user, 100)}, DataMiner on ${visibleText(address, 100)} tells nothing.`,
		);
	}
}

/** A cluster of Failover pairs only, or one that names no addresses. */
class NothingToReachError extends UserError {
	readonly code = 'NOTHING_TO_REACH';
	override readonly exitCode = exitCodes.agentFailed;
	readonly nextSteps: readonly string[];
	constructor(address: string, left: readonly string[]) {
		super(
			`DataMiner on ${visibleText(address, 100)} names ${left.length === 0 ? 'no Agent' : 'no Agent outside a Failover pair'}.`,
		);
		this.nextSteps = [...left, 'Discover over SSH, from the own address of one Agent: --discover HOST.'];
	}
}
