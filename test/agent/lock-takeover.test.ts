import {setImmediate} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import type {LockClaim} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {UserError} from '../../source/domain/user-error.ts';
import {everyOrder} from '../support/every-order.ts';
import {type StepSize, SteppedFolder, SteppedMachine} from '../support/stepped-machine.ts';

const staleMs = 30_000;
const options = {staleMs, pollMs: staleMs, takeOver: true};

interface Contender {
	readonly agent: DataMinerAgent;
	readonly claim: LockClaim;
}

function aContender(folder: SteppedFolder, name: string, size: StepSize): Contender {
	const machine = new SteppedMachine(folder, name, size);
	return {
		agent: new DataMinerAgent({agent: 'DMA-01', machine, clock: folder}),
		claim: {run: `run of ${name}`, token: name, operator: {user: name, host: 'jump'}, since: 0},
	};
}

/** Whether it went well; undefined while it waits for a time to come. */
interface Course {
	readonly well: boolean | undefined;
}

function courseOf(act: Promise<unknown>): Course {
	const course: {well: boolean | undefined} = {well: undefined};
	act.then(
		() => (course.well = true),
		(error: unknown) => {
			course.well = false;
			if (!(error instanceof UserError)) {
				throw error;
			}
		},
	);
	return course;
}

type Choose = (ways: number) => number;

const theFirst: Choose = () => 0;

/** Lets everybody who has a step to do go on until nobody has. What comes next is chosen, `also` being possible too. */
async function playOn(
	folder: SteppedFolder,
	choose: Choose = theFirst,
	also: () => readonly (() => void)[] = () => [],
): Promise<void> {
	for (;;) {
		await setImmediate();
		const steps = folder.ready.map(name => () => folder.step(name));
		if (steps.length === 0) {
			return;
		}

		const ways = [...steps, ...also()];
		ways[ways.length === 1 ? 0 : choose(ways.length)]!();
	}
}

/** A holder that has been silent for so long that somebody else is about to take its lock, and about to renew it. */
async function aSilentHolder(folder: SteppedFolder, size: StepSize) {
	const holder = aContender(folder, 'holder', size);
	const taker = aContender(folder, 'taker', size);
	courseOf(holder.agent.acquireLock(holder.claim, options));
	await playOn(folder);
	const taking = courseOf(taker.agent.acquireLock(taker.claim, options));
	await playOn(folder);
	folder.passTime();
	const [claim] = folder.files.keys();
	return {holder, taking, claimed: () => folder.files.has(claim!)};
}

describe('a takeover that meets a renewal of the holder who seemed dead', () => {
	test('never lets both have the lock, in whatever order their steps come', async () => {
		let [renewed, taken] = [0, 0];
		const orders = await everyOrder(async choose => {
			const folder = new SteppedFolder();
			const {holder, taking, claimed} = await aSilentHolder(folder, {wholeFiles: true});
			const renewing = courseOf(holder.agent.renewLock(holder.claim));
			// Without its claim the holder has lost, whatever comes next.
			await playOn(folder, ways => (claimed() ? choose(ways) : 0));
			expect(renewing.well === true && taking.well === true).toBe(false);
			renewed += renewing.well === true ? 1 : 0;
			taken += taking.well === true ? 1 : 0;
		});
		expect(orders).toBeGreaterThan(1000);
		expect(Math.min(renewed, taken)).toBeGreaterThan(0);
	});

	test('nor does it when the line of the taker breaks, and what it had sent arrives later or never', async () => {
		let [cuts, arrivals, renewed] = [0, 0, 0];
		const orders = await everyOrder(async choose => {
			const folder = new SteppedFolder();
			const size = {wholeFiles: true, wholeListings: true};
			const {holder, taking} = await aSilentHolder(folder, size);
			const renewing = courseOf(holder.agent.renewLock(holder.claim));
			let [cut, arrived] = [false, false];
			const breakLine = () => {
				cut = true;
				folder.cut('taker');
			};
			const arrive = () => {
				arrived = folder.arrive(0);
			};
			await playOn(folder, choose, () => [
				...(!cut && folder.ready.includes('taker') ? [breakLine] : []),
				...(cut && !arrived ? [arrive] : []),
			]);
			if (cut && !arrived && choose(2) === 1) {
				arrive();
			}

			const next = aContender(folder, 'next', size);
			const coming = courseOf(next.agent.acquireLock(next.claim, {...options, takeOver: false}));
			await playOn(folder);
			const holding = [renewing, taking, coming].filter(({well}) => well === true);
			expect(holding.length).toBeLessThan(2);
			cuts += cut ? 1 : 0;
			arrivals += arrived ? 1 : 0;
			renewed += renewing.well === true ? 1 : 0;
		});
		expect(orders).toBeGreaterThan(5000);
		expect(cuts).toBeGreaterThan(arrivals);
		expect(Math.min(arrivals, renewed)).toBeGreaterThan(0);
	});
});

describe('two who want a free lock at once', () => {
	test('never both get it, in whatever order their steps come', async () => {
		let got = 0;
		const orders = await everyOrder(async choose => {
			const folder = new SteppedFolder();
			const both = ['one', 'other'].map(name => aContender(folder, name, {wholeFiles: true}));
			const courses = both.map(({agent, claim}) => courseOf(agent.acquireLock(claim, options)));
			await playOn(folder, choose);
			const holding = courses.filter(({well}) => well === true).length;
			expect(holding).toBeLessThan(2);
			got += holding;
		});
		expect(orders).toBeGreaterThan(100);
		expect(got).toBeGreaterThan(0);
	});
});
