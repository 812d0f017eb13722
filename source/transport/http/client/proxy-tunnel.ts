import {request as httpRequest} from 'node:http';
import {request as httpsRequest} from 'node:https';
import type {Socket} from 'node:net';
import {getProxyForUrl} from 'proxy-from-env';
import {visibleText} from '../../../domain/text.ts';
import {ProxyRefusedError} from './service-errors.ts';
import {type ServicePlace, serviceUrl} from './service-place.ts';

/** The proxy that the environment names for a service (`HTTPS_PROXY`, `NO_PROXY`). Throws `ProxyRefusedError`. */
export function proxyFor(place: ServicePlace): URL | undefined {
	const named = getProxyForUrl(serviceUrl(place));
	if (named === '') {
		return undefined;
	}

	const proxy = URL.parse(named);
	if (!proxy || !/^https?:$/.test(proxy.protocol)) {
		throw new ProxyRefusedError(
			place,
			'the proxy that the environment names has no http:// or https:// address',
		);
	}

	return proxy;
}

/** A connection to the service through a proxy. Source: RFC 9110, 9.3.6 CONNECT. Rejects with `ProxyRefusedError`. */
export async function tunnelThrough(proxy: URL, place: ServicePlace, limitMs: number): Promise<Socket> {
	const {address, port} = place;
	const target = `${address.includes(':') ? `[${address}]` : address}:${port}`;
	const shown = visibleText(proxy.host, 300);
	const failed = (reason: string, error?: unknown) =>
		new ProxyRefusedError(place, `the proxy ${shown} ${reason}`, {cause: error});
	return new Promise((resolve, reject) => {
		const connect = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
			host: proxy.hostname.replace(/^\[|\]$/g, ''),
			port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
			method: 'CONNECT',
			path: target,
			headers: {host: target, ...loginFor(proxy)},
			agent: false,
			timeout: limitMs,
		});
		connect.once('connect', ({statusCode = 0}, socket: Socket) => {
			if (statusCode >= 200 && statusCode < 300) {
				socket.setTimeout(0);
				resolve(socket);
				return;
			}

			socket.destroy();
			reject(
				failed(
					statusCode === 407 ? 'wants a login that HTTPS_PROXY does not have' : `refused with ${statusCode}`,
				),
			);
		});
		connect.once('response', response => {
			response.destroy();
			reject(failed(`refused with ${response.statusCode ?? 0}`));
		});
		connect.once('timeout', () => connect.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
		connect.once('error', error =>
			reject(failed('cannot be used: ' + visibleText(error.message, 200), error)),
		);
		connect.end();
	});
}

function loginFor({username, password}: URL): Record<string, string> {
	if (username === '') {
		return {};
	}

	const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	return {'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}`};
}
