import {isIP, SocketAddress} from 'node:net';
import {lowerCase} from './host-pattern.ts';

const mostInteger = 2 ** 31 - 1;
const secondsOf: Readonly<Record<string, number>> = {'': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800};

/** Seconds of a time such as `10`, `1m30s` or `2h`. Source: OpenSSH misc.c, `convtime`. */
export function parseSeconds(text: string): number | undefined {
	if (!/^(?:\d+[smhdw])*(?:\d+[smhdw]?)$/i.test(text)) {
		return undefined;
	}

	let total = 0;
	for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
		total += Number(count) * (secondsOf[lowerCase(unit)] ?? 1);
	}

	return total <= mostInteger ? total : undefined;
}

export function parseInteger(text: string): number | undefined {
	const value = /^\s*[+-]?\d+$/.test(text) ? Number(text) : undefined;
	return value !== undefined && value >= 0 && value <= mostInteger ? value : undefined;
}

/** A port as a number from 1 to 65535, or by the one name that everybody has for it. */
export function parsePort(text: string): number | undefined {
	const value = text === 'ssh' ? 22 : parseInteger(text);
	return value !== undefined && value > 0 && value <= 65_535 ? value : undefined;
}

const flags: Readonly<Record<string, boolean>> = {yes: true, true: true, no: false, false: false};

export function parseFlag(text: string): boolean | undefined {
	return flags[lowerCase(text)];
}

/** Whether and how a host key that nobody knows yet may be accepted. */
export type StrictHostKeyChecking = 'yes' | 'ask' | 'accept-new' | 'no';

const strictness: Readonly<Record<string, StrictHostKeyChecking>> = {
	yes: 'yes',
	true: 'yes',
	no: 'no',
	false: 'no',
	off: 'no',
	ask: 'ask',
	'accept-new': 'accept-new',
};

export function parseStrictness(text: string): StrictHostKeyChecking | undefined {
	return strictness[lowerCase(text)];
}

export type AddressFamily = 'any' | 'inet' | 'inet6';

export function parseAddressFamily(text: string): AddressFamily | undefined {
	const family = lowerCase(text);
	return family === 'any' || family === 'inet' || family === 'inet6' ? family : undefined;
}

/** A host name as `ssh` goes on with it: in small letters, and an address in its usual form. */
export function canonicalHost(host: string): string {
	// An address with a zone (`fe80::1%eth0`) is no address to SocketAddress.
	return isIP(host) === 6 && !host.includes('%')
		? new SocketAddress({address: host, family: 'ipv6'}).address
		: lowerCase(host);
}

export function isAddress(host: string): boolean {
	return isIP(host) !== 0;
}
