import {type Server, type Socket, connect, createServer} from 'node:net';

/** A line to a server that can break, fall silent, or break after so many bytes. */
export interface TcpProxy {
	readonly port: number;
	/** Connections made so far. */
	readonly connections: number;
	/** Ends every connection at once. */
	cut(): void;
	/** From now on nothing passes on the connections that there are; they stay open. New ones work. */
	silence(): void;
	/** Ends the connection after it has carried so many more bytes to the server. */
	cutAfter(bytes: number): void;
	/** Falls silent after so many more bytes to the server. */
	silenceAfter(bytes: number): void;
	stop(): Promise<void>;
}

export function startTcpProxy(target: number): Promise<TcpProxy> {
	const pairs = new Set<readonly [Socket, Socket]>();
	let connections = 0;
	let left = Infinity;
	let then: 'cut' | 'silence' = 'cut';

	const act = (what: 'cut' | 'silence') => {
		left = Infinity;
		for (const [client, server] of pairs) {
			client.unpipe();
			server.unpipe();
			if (what === 'cut') {
				client.destroy();
				server.destroy();
			} else {
				client.pause();
				server.pause();
				client.removeAllListeners('data');
				server.removeAllListeners('data');
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

		client.on('data', bytes => {
			server.write(bytes);
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
				cut: () => act('cut'),
				silence: () => act('silence'),
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
