import packageFile from '../../package.json' with {type: 'json'};
import type {Inventory} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import type {ServicePlace} from '../transport/http/client/service-place.ts';
import {ServiceSockets} from '../transport/http/client/service-sockets.ts';
import {WebServices} from '../transport/http/web-api/web-services.ts';
import type {Discovered} from './discovered-cluster.ts';
import {listedCluster} from './listed-cluster.ts';
import type {SshAccess} from './ssh-access.ts';
import {UsageError} from './usage-error.ts';

/**
 * Asks DataMiner's own web API on one Agent for the cluster. The password goes to this address and to none that an
 * answer names. Rejects where it does not answer, does not let in, or names no Agent that could be reached as such.
 */
export async function discoverOnWeb(
	url: string,
	known: readonly Inventory[],
	access: SshAccess,
	signal: AbortSignal,
): Promise<Discovered> {
	const {place, user} = placeOf(url);
	// Nobody knows how long a person takes for a password: nothing is kept open meanwhile.
	const sockets = new ServiceSockets(place, access.serviceTrust, {keepAlive: false});
	try {
		const services = new WebServices({place, sockets, version: packageFile.version});
		// Before the password: whether anything answers there, and whether it is to be trusted.
		const {said} = await services.gateway(signal);
		const password = await passwordOf(user, place, access, signal);
		const listed = await services.agents(user, password, signal);
		return listedCluster({asked: place.address, listed, said, known});
	} finally {
		sockets.destroy();
	}
}

async function passwordOf(
	user: string,
	{address, port}: ServicePlace,
	access: SshAccess,
	signal: AbortSignal,
): Promise<string> {
	const password = await access.askSecret(
		{
			kind: 'password',
			address,
			host: address,
			port,
			user,
			text: `Password of the DataMiner user ${visibleText(user, 100)}`,
			instructions: '',
			echo: false,
			again: false,
			goodOnce: true,
		},
		signal,
	);
	if (password === undefined || password === '') {
		throw new PasswordMissingError(address, user);
	}

	return password;
}

function placeOf(text: string): {readonly place: ServicePlace; readonly user: string} {
	// A user of a Windows domain is written with a backslash, for which a URL has no room.
	const {scheme, login, rest} =
		/^(?<scheme>https?:\/\/)(?:(?<login>.*)@)?(?<rest>[^@]*)$/i.exec(text)?.groups ?? {};
	const url = URL.parse(`${scheme ?? ''}${rest ?? ''}`);
	const user = login === undefined ? 'Administrator' : withoutEscapes(login);
	if (/^[^/]*:/.test(login ?? '')) {
		throw new UsageError('A password has no place on the command line: others can read it there.', [
			'Leave it out; it is asked for.',
		]);
	}

	if (!url || url.hostname === '' || user === '' || url.pathname !== '/' || url.search + url.hash !== '') {
		throw new UsageError(`--discover-web ${visibleText(text, 200)} is no address of a web server.`, [
			'Write https://HOST, with the user and the port where they are needed: https://Administrator@10.4.2.92:443.',
		]);
	}

	const plain = url.protocol === 'http:';
	return {
		place: {
			address: url.hostname.replaceAll(/^\[|\]$/g, ''),
			port: url.port === '' ? (plain ? 80 : 443) : Number(url.port),
			plain,
			isWebServer: true,
		},
		user,
	};
}

function withoutEscapes(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Nobody was there to be asked, or did not want to answer. No password was sent. */
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
