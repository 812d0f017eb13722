import {parsePort} from './option-values.ts';

/** A host on the way to another, as `ProxyJump` names it. What is not named comes from the configuration. */
export interface JumpHost {
	readonly host: string;
	readonly user?: string;
	readonly port?: number;
}

/**
 * The hosts of a `ProxyJump` in the order in which they are gone through; `none` where that is what it says. Nothing
 * where it cannot be read. Source: OpenSSH readconf.c, `parse_jump`.
 */
export function parseJumpHosts(text: string): readonly JumpHost[] | 'none' | undefined {
	if (/^none$/i.test(text)) {
		return 'none';
	}

	const hosts = text
		.replace(/#.*$/s, '')
		.trimEnd()
		.split(',')
		.map(each => (each.startsWith('ssh://') ? fromUri(each.slice('ssh://'.length)) : fromPlain(each)));
	return hosts.every(host => host !== undefined) ? hosts : undefined;
}

/** `[user@]host[:port]` */
function fromPlain(text: string): JumpHost | undefined {
	const at = text.lastIndexOf('@');
	return fromParts(at === -1 ? undefined : text.slice(0, at), text.slice(at + 1));
}

/** What follows `ssh://`: `[user[;parameters]@]host[:port]`, without a path. */
function fromUri(text: string): JumpHost | undefined {
	const at = text.indexOf('@');
	const host = text.slice(at + 1).replace(/\/$/, '');
	if (!/^(?:\[[^\]/]*\]|[\w.-]*)(?::\d*)?$/.test(host)) {
		return undefined;
	}

	if (at === -1) {
		return fromParts(undefined, host);
	}

	const user = text.slice(0, at).replace(/;.*$/s, '').replaceAll('+', ' ');
	try {
		return fromParts(decodeURIComponent(user), host);
	} catch {
		return undefined;
	}
}

function fromParts(user: string | undefined, hostAndPort: string): JumpHost | undefined {
	const match = /^(?<host>\[[^\]]*\]|[^[:/][^:/]*)(?::(?<port>.*))?$/s.exec(hostAndPort);
	const host = match?.groups?.['host']?.replace(/^\[(.*)\]$/s, '$1');
	const portText = match?.groups?.['port'] ?? '';
	const port = portText === '' ? undefined : parsePort(portText);
	if (user === '' || !host || (portText !== '' && port === undefined)) {
		return undefined;
	}

	return {host, ...(user === undefined ? {} : {user}), ...(port === undefined ? {} : {port})};
}
