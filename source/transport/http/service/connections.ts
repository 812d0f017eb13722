import type {IncomingMessage, RequestListener, Server} from 'node:http';
import type {Socket} from 'node:net';
import type {ServiceLimits} from './service-limits.ts';

interface Connection {
	readonly socket: Socket;
	readonly address: string;
	/** The id of the token that a request on it showed. */
	client?: string;
	/** So many of its requests have no whole answer yet. */
	unanswered: number;
	/** Those of them that came while another one was being answered, and are to be begun; in their order. */
	readonly waiting: (() => void)[];
}

/**
 * The connections of a service. Nobody keeps others out by holding many: where there are too many, whoever has the most
 * loses the oldest. Those who showed a good token are never counted with those who did not.
 */
export class Connections {
	/** The oldest first. Over TLS the requests name another socket than the connection, but the same two ends. */
	readonly #byPeer = new Map<string, Connection>();
	readonly #limits: Pick<ServiceLimits, 'connections' | 'strangers' | 'unanswered'>;

	constructor(limits: Pick<ServiceLimits, 'connections' | 'strangers' | 'unanswered'>) {
		this.#limits = limits;
	}

	/** Takes in every connection of the server from now on. */
	watch(server: Server): void {
		server.on('connection', (socket: Socket) => {
			const peer = peerOf(socket);
			const address = socket.remoteAddress ?? '';
			this.#byPeer.set(peer, {socket, address, unanswered: 0, waiting: []});
			socket.once('close', () => {
				if (this.#byPeer.get(peer)?.socket === socket) {
					this.#byPeer.delete(peer);
				}
			});
			this.#makeRoom(
				this.#limits.strangers,
				({client}) => client === undefined,
				({address}) => address,
			);
		});
	}

	/**
	 * Hands requests on, those of one connection one after the other. A connection on which many are asked before one is
	 * answered is closed: each costs memory.
	 */
	guard(handler: RequestListener): RequestListener {
		return (request, response) => {
			const connection = this.#byPeer.get(peerOf(request.socket));
			if (!connection || connection.unanswered >= this.#limits.unanswered) {
				request.socket.destroy();
				return;
			}

			connection.unanswered += 1;
			response.once('close', () => {
				connection.unanswered -= 1;
				const next = connection.waiting.shift();
				// Nobody is there any more to be answered.
				if (request.socket.writable) {
					next?.();
				}
			});
			const begin = () => handler(request, response);
			if (connection.unanswered === 1) {
				begin();
			} else {
				// Not every Node tells an answer that waits for another one of the end of the connection: nothing of it
				// may be there yet.
				connection.waiting.push(begin);
			}
		};
	}

	/** The request came with a good token. */
	isOf(client: string, {socket}: IncomingMessage): void {
		const connection = this.#byPeer.get(peerOf(socket));
		if (connection && connection.client !== client) {
			connection.client = client;
			this.#makeRoom(
				this.#limits.connections - this.#limits.strangers,
				({client: shown}) => shown !== undefined,
				({client: shown = ''}) => shown,
			);
		}
	}

	/** Whether something else than an answer, written to it now, would stand in the middle of one or be taken for one. */
	isAnswering(socket: Socket): boolean {
		return (this.#byPeer.get(peerOf(socket))?.unanswered ?? 0) > 0;
	}

	closeAll(): void {
		for (const {socket} of this.#byPeer.values()) {
			socket.destroy();
		}
	}

	#makeRoom(
		most: number,
		isOne: (each: Connection) => boolean,
		holderOf: (each: Connection) => string,
	): void {
		const open = [...this.#byPeer.values()].filter(each => !each.socket.destroyed && isOne(each));
		if (open.length <= most) {
			return;
		}

		const byHolder = Map.groupBy(open, holderOf);
		const [largest] = [...byHolder.values()].sort((a, b) => b.length - a.length);
		largest?.[0]?.socket.destroy();
	}
}

function peerOf({remoteAddress, remotePort, localAddress}: Socket): string {
	return `${remoteAddress ?? ''} ${remotePort ?? ''} ${localAddress ?? ''}`;
}
