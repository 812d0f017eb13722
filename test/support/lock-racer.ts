/* A process that races for locks: it is told by messages for which, and tells how each of its races went. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {LockClaim, LockOptions} from '../../source/agent/connection.ts';
import {openCluster} from '../../source/commands/cluster-session.ts';
import type {Inventory} from '../../source/config/inventory.ts';
import type {LockHolder} from '../../source/domain/run-event.ts';
import {UserError} from '../../source/domain/user-error.ts';

export type RacerOrder =
	| {readonly kind: 'open'; readonly inventory: Inventory}
	| ({readonly kind: 'race'} & Race)
	/** Gives the lock of this race back; without it, a winner holds and renews it for as long as it lives. */
	| {readonly kind: 'end'; readonly race: number}
	/** Stops renewing it, as if the process had died. */
	| {readonly kind: 'abandon'; readonly race: number};

export interface Race {
	readonly race: number;
	readonly agent: string;
	readonly claim: LockClaim;
	readonly options: LockOptions;
	readonly renewEveryMs: number;
}

export type RacerNews =
	| {readonly race: number; readonly news: 'held'; readonly takenFrom?: LockHolder}
	| {readonly race: number; readonly news: 'refused'; readonly code: string; readonly holder?: LockHolder}
	| {readonly race: number; readonly news: 'ended' | 'abandoned'}
	| {readonly race: number; readonly news: 'lost'; readonly code: string}
	| {readonly race: 0; readonly news: 'opened'};

const ends = new Map<number, (how: 'end' | 'abandon') => void>();
let session: Awaited<ReturnType<typeof openCluster>> | undefined;

function tell(news: RacerNews): void {
	process.send?.(news);
}

async function take({race, agent, claim, options, renewEveryMs}: Race): Promise<void> {
	const connection = session!.connections.get(agent)!;
	try {
		const takenFrom = await connection.acquireLock(claim, options);
		tell({race, news: 'held', ...(takenFrom && {takenFrom})});
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		const holder = 'holder' in error ? (error.holder as LockHolder) : undefined;
		tell({race, news: 'refused', code: error.code, ...(holder && {holder})});
		return;
	}

	let how: 'end' | 'abandon' | undefined;
	const ended = new AbortController();
	ends.set(race, told => {
		how = told;
		ended.abort();
	});
	try {
		while (how === undefined) {
			await connection.renewLock(claim);
			await sleep(renewEveryMs, undefined, {signal: ended.signal}).catch(() => undefined);
		}

		if (how === 'end') {
			await connection.renewLock(claim);
			await connection.releaseLock(claim);
		}

		tell({race, news: how === 'end' ? 'ended' : 'abandoned'});
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		tell({race, news: 'lost', code: error.code});
	}
}

process.on('message', (order: RacerOrder) => {
	if (order.kind === 'open') {
		void openCluster(order.inventory).then(async opened => {
			session = opened;
			await Promise.all([...opened.connections.values()].map(connection => connection.lockHolder()));
			tell({race: 0, news: 'opened'});
		});
	} else if (order.kind === 'race') {
		void take(order);
	} else {
		ends.get(order.race)?.(order.kind);
	}
});
process.on('disconnect', () => process.exit());
