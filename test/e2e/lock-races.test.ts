import {expect, test} from 'vitest';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {aLab} from '../support/a-lab.ts';
import {raceForLocks, takeOverFromKilled} from '../support/lock-races.ts';

/** `npm run races` runs 1,000 of them. */
const races = 40;

test('of several processes that race for the lock of an Agent, one at a time holds it', async () => {
	const lab = await aLab({agents: 4});
	let last = 7;
	const random = (limit: number) => (last = (last * 16_807) % 2_147_483_647) % limit;
	const tally = await raceForLocks(lab, 3, {races, takeoverEvery: 20, killEvery: 30, random});
	expect(tally.wrong).toEqual([]);
	expect(tally).toMatchObject({races, takeovers: 2, killed: 1});
}, 120_000);

test('of processes that race for the lock of an Agent, some over SSH and some over HTTP, one at a time holds it', async () => {
	const lab = await aLab({agents: 2, http: {agents: 'all', serve: serveOnLabAgent}});
	const {inventory} = lab;
	const overSsh = structuredClone(inventory);
	for (const agent of overSsh.agents) {
		delete agent.service;
	}

	let last = 11;
	const tally = await raceForLocks(lab, 4, {
		races: 12,
		takeoverEvery: 5,
		killEvery: 6,
		random: limit => (last = (last * 16_807) % 2_147_483_647) % limit,
		inventoryOf: index => (index % 2 === 0 ? inventory : overSsh),
	});
	expect(tally.wrong).toEqual([]);
	expect(tally).toMatchObject({races: 12, takeovers: 2, killed: 2});
}, 120_000);

test('the locks of a process that was killed can be taken over', async () => {
	const lab = await aLab({agents: 4});
	const took = await takeOverFromKilled(lab, {staleMs: 2000, pollMs: 50, takeOver: true}, 100);
	expect(took).toHaveLength(4);
	expect(Math.min(...took)).toBeGreaterThan(1900);
});
