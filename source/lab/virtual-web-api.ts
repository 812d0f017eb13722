import {Door} from './door.ts';
import {onlineOf, pairOf, virtualAddressOf} from './failover-pair.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** The virtual address of a pair, by which whichever Agent of it is online answers. */
export class VirtualWebApiSite {
	readonly #pair: readonly SimulatedAgent[];
	readonly #door: Door;

	constructor(first: SimulatedAgent) {
		const pair = pairOf(first);
		this.#pair = pair;
		this.#door = new Door(first, line => {
			const online = onlineOf(pair);
			if (online?.webApi && online.servesWeb) {
				online.webApi.serve(line);
			} else {
				line.reset();
			}
		});
	}

	get address(): string {
		return virtualAddressOf(this.#pair);
	}

	async open(port: number): Promise<void> {
		await this.#door.open(this.address, port);
	}

	async shut(reason: string): Promise<void> {
		await this.#door.shut(reason);
	}
}

/** Where every Agent has an address of its own, each pair has one more. */
export async function openVirtualSites(
	agents: readonly SimulatedAgent[],
): Promise<readonly VirtualWebApiSite[]> {
	const opened = agents.map(async agent => {
		const [first, second] = pairOf(agent);
		const port = first?.webApi?.port ?? second?.webApi?.port;
		if (agent !== first || !second || port === undefined || virtualAddressOf([first]) === first.address) {
			return [];
		}

		const site = new VirtualWebApiSite(first);
		await site.open(port);
		return [site];
	});
	return (await Promise.all(opened)).flat();
}
