import {heartbeatMs} from '../api/heartbeat.ts';

/** What a client may ask of the service. Times in milliseconds, sizes in bytes. */
export interface ServiceLimits {
	/** For the TLS handshake, for the headers of a request, and again for a body that is no file. */
	readonly requestMs: number;
	/** In each of these a body that is a file must bring `slowBytes`, or else the connection ends. */
	readonly slowMs: number;
	readonly slowBytes: number;
	/** On a connection on which nothing moves while somebody waits for an answer. */
	readonly idleMs: number;
	/** For reading the rest of an answer that is complete. */
	readonly readingMs: number;
	/** On a connection on which nothing is asked. */
	readonly keepAliveMs: number;
	readonly headerBytes: number;
	readonly bodyBytes: number;
	readonly packageBytes: number;
	/** So much of the disk stays free, for DataMiner. */
	readonly leftFreeBytes: number;
	readonly connections: number;
	/** Of those, so many may be of people who have not shown a good token. */
	readonly strangers: number;
	/** So many requests may wait for their answers on one connection, and so many of one token altogether. */
	readonly unanswered: number;
	readonly unansweredOfClient: number;
	/** So many of them may follow upgrades: each looks again and again, by programs that others wait for, too. */
	readonly followingOfClient: number;
	/** So many requests of one address may have no token that is good for them. */
	readonly failuresPerMinute: number;
	/** So many lines of the log may be about people who have not shown a good token. */
	readonly strangerLinesPerMinute: number;
	/** For a client to come back that waited for a lock and lost its connection. */
	readonly unfollowedMs: number;
	/** Between two signs of life while a request is worked on. */
	readonly heartbeatMs: number;
	/** For what is under way when the service is told to stop. */
	readonly stopMs: number;
}

export const defaultLimits: ServiceLimits = {
	requestMs: 15_000,
	slowMs: 60_000,
	// About what a modem brings; DataMiner over such a line is slow for other reasons.
	slowBytes: 64 * 1024,
	idleMs: 40 * 60_000,
	readingMs: 60_000,
	keepAliveMs: 65_000,
	headerBytes: 16 * 1024,
	bodyBytes: 1024 * 1024,
	packageBytes: 16 * 1024 ** 3,
	leftFreeBytes: 1024 ** 3,
	connections: 1000,
	strangers: 200,
	unanswered: 16,
	unansweredOfClient: 100,
	followingOfClient: 20,
	failuresPerMinute: 20,
	strangerLinesPerMinute: 100,
	unfollowedMs: 15_000,
	heartbeatMs,
	stopMs: 10_000,
};
