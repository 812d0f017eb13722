import {type RequestListener, type Server, createServer} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {ServiceLimits} from './service-limits.ts';

/** PEM texts. */
export interface TlsFiles {
	readonly key: string;
	readonly certificate: string;
}

/** A web server that gives nobody more time or room than the limits say; over TLS where there is a certificate. */
export function createWebServer(
	limits: ServiceLimits,
	tls: TlsFiles | undefined,
	handler: RequestListener,
): Server {
	const options = {
		headersTimeout: limits.requestMs,
		// Bodies are watched one by one: a package takes as long as it moves.
		requestTimeout: 0,
		connectionsCheckingInterval: Math.min(1000, limits.requestMs),
		keepAliveTimeout: limits.keepAliveMs,
		maxHeaderSize: limits.headerBytes,
		noDelay: true,
		// Two readings of one request are how requests are smuggled past a proxy.
		insecureHTTPParser: false,
		requireHostHeader: true,
	};
	const server = tls
		? createTlsServer(
				{
					...options,
					key: tls.key,
					cert: tls.certificate,
					minVersion: 'TLSv1.2',
					handshakeTimeout: limits.requestMs,
				},
				handler,
			)
		: createServer(options, handler);
	// Whoever asks first whether to send a body is told by whoever reads it.
	server.on('checkContinue', handler);
	server.setTimeout(limits.idleMs);
	return server;
}
