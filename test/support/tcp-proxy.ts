import {type Server, type Socket, connect, createServer} from 'node:net';

/** A line to a server that can break, fall silent, or break after so many bytes. */
export interface TcpProxy {
	readonly port: number;
	/** Connections made so far. */
	readonly connections: number;
	/** Bytes that clients sent so far. */
	readonly bytesToServer: number;
	/** Ends every connection at once. */
	cut(): void;
	/** From now on nothing passes on the connections that there are; they stay open. New ones work. */
	silence(): void;
	/** Ends the connection after it has carried so many more bytes to the server. */
	cutAfter(bytes: number): void;
	/** Falls silent after so many more bytes to the server. */
	silenceAfter(bytes: number): void;
	/** As `silence`, but what is sent seems to arrive: it is read and thrown away. */
	swallow(): void;
	/** Begins to swallow after so many more bytes to the server. */
	swallowAfter(bytes: number): void;
	/** From now on new connections carry no more than so many bytes to the server in each 50 ms. */
	slowDown(bytes: number): void;
	stop(): Promise<void>;
}

type Trouble = 'cut' | 'silence' | 'swallow';

export function startTcpProxy(target: number): Promise<TcpProxy> {
	const pairs = new Set<readonly [Socket, Socket]>();
	let connections = 0;
	let bytesToServer = 0;
	let left = Infinity;
	let then: Trouble = 'cut';
	let slowness: number | undefined;

	const act = (what: Trouble) => {
		left = Infinity;
		for (const [client, server] of pairs) {
			client.unpipe();
			server.unpipe();
			if (what === 'cut') {
				client.destroy();
				server.destroy();
			} else {
				for (const socket of [client, server]) {
					socket.removeAllListeners('data');
					socket.removeAllListeners('drain');
					if (what === 'swallow') {
						socket.resume();
					} else {
						socket.pause();
					}
				}
			}
		}
	};

	const listener: Server = createServer(client => {
		connections += 1;
		client.setNoDelay(true);
		const server = connect({port: target, host: '127.0.0.1', noDelay: true});
		const pair = [client, server] as const;
		pairs.add(pair);
		for (const socket of pair) {
			socket.on('error', () => undefined);
			socket.on('close', () => {
				pairs.delete(pair);
				client.destroy();
				server.destroy();
			});
		}

		const toServer = slowness === undefined ? server : slowly(server, slowness);
		client.on('data', bytes => {
			bytesToServer += bytes.length;
			// What waits here would be lost by a cut, and no line holds much.
			if (!toServer.write(bytes)) {
				client.pause();
				server.once('drain', () => client.resume());
			}

			left -= bytes.length;
			if (left <= 0) {
				act(then);
			}
		});
		server.on('data', bytes => void client.write(bytes));
	});
	return new Promise((resolve, reject) => {
		listener.on('error', reject);
		listener.listen(0, '127.0.0.1', () => {
			const address = listener.address();
			resolve({
				port: typeof address === 'object' && address ? address.port : 0,
				get connections() {
					return connections;
				},
				get bytesToServer() {
					return bytesToServer;
				},
				cut: () => act('cut'),
				silence: () => act('silence'),
				swallow: () => act('swallow'),
				swallowAfter(bytes) {
					left = bytes;
					then = 'swallow';
				},
				slowDown(bytes) {
					slowness = bytes;
				},
				cutAfter(bytes) {
					left = bytes;
					then = 'cut';
				},
				silenceAfter(bytes) {
					left = bytes;
					then = 'silence';
				},
				stop: () =>
					new Promise(done => {
						listener.close(() => done());
						act('cut');
					}),
			});
		});
	});
}

/** Passes everything on, in order, and so much at a time. */
function slowly(target: Socket, bytesAtOnce: number): Pick<Socket, 'write'> {
	let waiting = Buffer.alloc(0);
	const timer = setInterval(() => {
		target.write(waiting.subarray(0, bytesAtOnce));
		waiting = waiting.subarray(bytesAtOnce);
	}, 50);
	target.once('close', () => clearInterval(timer));
	return {
		write(bytes: Uint8Array) {
			waiting = Buffer.concat([waiting, bytes]);
			return true;
		},
	};
}
