import {setImmediate} from 'node:timers/promises';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {LockClaim} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {AgentLockedError, LockLostError, LockTooSlowError} from '../../source/agent/lock-errors.ts';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import {SteppedFolder, SteppedMachine} from '../support/stepped-machine.ts';

const staleMs = 30_000;
const renewEveryMs = 10_000;
const pollMs = 2500;
const mostSteps = 50_000;
const schedules = 500;

interface Schedule {
	/** How often each contender renews before it releases. */
	readonly contenders: readonly {readonly renewals: number}[];
	readonly seed: number;
	/** How many of them die, at any step. */
	readonly deaths: number;
	/** Whether somebody may be slow: time goes on while he has a step to do. */
	readonly pauses: boolean;
	/** Whether the line to the Agent breaks now and then. */
	readonly cuts?: boolean;
	/** Everybody does one step after the other, round and round, instead of at random. */
	readonly inStep?: boolean;
}

interface Holding {
	readonly name: string;
	/** Until then at least, nobody else may come to hold the lock. */
	safeUntil: number;
}

/** Plays a schedule to its end. Throws where two hold the lock at once. */
async function play({contenders, seed, deaths, pauses, cuts = false, inStep = false}: Schedule) {
	const folder = new SteppedFolder();
	const random = numbers(seed);
	const holding: Holding[] = [];
	const dead = new Set<string>();
	const ends = new Map<string, 'released' | 'lost' | 'never'>();
	let taken = 0;

	function acquired(name: string): Holding {
		const other = holding.find(({safeUntil}) => safeUntil > folder.now());
		if (other || (!pauses && !cuts && holding.length > 0)) {
			throw new Error(`At ${folder.now()}, ${name} got the lock that ${holding.at(-1)!.name} holds.`);
		}

		// Making a claim may take a third of that time.
		const own = {name, safeUntil: folder.now() + staleMs * (2 / 3)};
		holding.push(own);
		return own;
	}

	async function hold(agent: DataMinerAgent, claim: LockClaim, own: Holding, renewals: number) {
		for (let count = 0; count < renewals; count++) {
			await folder.sleep(renewEveryMs);
			await untilAnswered(async () => {
				const begun = folder.now();
				const later = holding.slice(holding.indexOf(own) + 1);
				await agent.renewLock(claim);
				if (later.length > 0) {
					throw new Error(`At ${folder.now()}, ${own.name} renewed the lock that ${later[0]!.name} holds.`);
				}

				own.safeUntil = begun + staleMs;
			});
		}
	}

	async function contend(name: string, renewals: number) {
		const machine = new SteppedMachine(folder, name);
		const agent = new DataMinerAgent({agent: 'DMA-01', machine, clock: folder});
		const claim = {run: `run of ${name}`, token: name, operator: {user: name, host: 'jump'}, since: 0};
		ends.set(name, 'never');
		for (;;) {
			try {
				await untilAnswered(() => agent.acquireLock(claim, {staleMs, pollMs, takeOver: true}));
				break;
			} catch (error) {
				// Whoever pauses in every attempt is told that this takes too long, and tries again.
				if (!(error instanceof AgentLockedError || error instanceof LockTooSlowError)) {
					throw error;
				}
			}

			await folder.sleep(pollMs);
		}

		taken += 1;
		const own = acquired(name);
		try {
			await hold(agent, claim, own, renewals);
			ends.set(name, 'released');
		} catch (error) {
			if (!(error instanceof LockLostError)) {
				throw error;
			}

			ends.set(name, 'lost');
		}

		holding.splice(holding.indexOf(own), 1);
		await untilAnswered(() => agent.releaseLock(claim));
	}

	async function untilAnswered(ask: () => Promise<unknown>) {
		for (;;) {
			try {
				await ask();
				return;
			} catch (error) {
				if (!(error instanceof ConnectionLostError)) {
					throw error;
				}
			}

			await folder.sleep(pollMs);
		}
	}

	const failures: unknown[] = [];
	/** Until when somebody does not come to his next step. */
	const slow = new Map<string, number>();
	let left = 0;
	for (const [index, {renewals}] of contenders.entries()) {
		left += 1;
		contend(`contender ${index}`, renewals)
			.catch((error: unknown) => failures.push(error))
			.finally(() => {
				left -= 1;
			});
	}

	function die() {
		const name = `contender ${random(contenders.length)}`;
		if (!dead.has(name)) {
			dead.add(name);
			folder.kill(name);
			holding.splice(0, holding.length, ...holding.filter(own => own.name !== name));
		}
	}

	let steps = 0;
	await setImmediate();
	while (left > 0 && failures.length === 0 && (folder.ready.length > 0 || folder.sleeping)) {
		steps += 1;
		if (steps > mostSteps) {
			throw new Error('It does not end.');
		}

		if (dead.size < deaths && random(40) === 0) {
			die();
		} else if (random(10) === 0) {
			folder.arrive(random(4));
		}

		const {ready} = folder;
		if (pauses && ready.length > 0 && random(20) === 0) {
			slow.set(ready[random(ready.length)]!, folder.now() + random(2 * staleMs));
		}

		if (cuts && ready.length > 0 && random(30) === 0) {
			folder.cut(ready[random(ready.length)]!);
			await setImmediate();
			continue;
		}

		const quick = ready.filter(name => (slow.get(name) ?? 0) <= folder.now());
		if (folder.sleeping && (quick.length === 0 || (pauses && random(4) === 0))) {
			folder.passTime();
		} else if (ready.length > 0) {
			const next = quick.length > 0 ? quick : ready;
			folder.step(next[inStep ? 0 : random(next.length)]!);
		}

		await setImmediate();
	}

	if (failures.length > 0) {
		throw failures[0] as Error;
	}

	while (folder.arrive(0)) {
		await setImmediate();
	}

	const living = [...ends].filter(([name]) => !dead.has(name)).map(([, end]) => end);
	return {taken, living, files: [...folder.files.keys()]};
}

/** Numbers below a limit, always the same ones for a seed. */
function numbers(seed: number): (limit: number) => number {
	let state = seed;
	return limit => {
		state = (state + 0x6d_2b_79_f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_00_00_00_00) * limit);
	};
}

const contenders = fc.array(fc.record({renewals: fc.nat(3)}), {minLength: 2, maxLength: 4});
const seed = fc.integer();

describe('however the steps of several contenders follow each other', () => {
	test('one at a time holds the lock, each gets it in the end, and nothing of it stays', async () => {
		await fc.assert(
			fc.asyncProperty(contenders, seed, async (each, number) => {
				const played = await play({contenders: each, seed: number, deaths: 0, pauses: false});
				expect(played.living).toEqual(each.map(() => 'released'));
				expect(played.taken).toBe(each.length);
				expect(played.files).toEqual([]);
			}),
			{numRuns: schedules},
		);
	});

	test('contenders that keep in step do not keep each other out', async () => {
		const each = [{renewals: 1}, {renewals: 1}, {renewals: 1}, {renewals: 1}];
		const played = await play({contenders: each, seed: 1, deaths: 0, pauses: false, inStep: true});
		expect(played.living).toEqual(each.map(() => 'released'));
	});

	test('those who die at any step keep no one else from it, and never let two in', async () => {
		await fc.assert(
			fc.asyncProperty(contenders, seed, fc.integer({min: 1, max: 3}), async (each, number, deaths) => {
				const {living} = await play({contenders: each, seed: number, deaths, pauses: false});
				expect(new Set(living)).toEqual(new Set(living.length > 0 ? ['released'] : []));
			}),
			{numRuns: schedules},
		);
	});

	test('one that is slow for too long loses the lock, and knows it before it goes on', async () => {
		let lost = 0;
		await fc.assert(
			fc.asyncProperty(contenders, seed, fc.nat(2), async (each, number, deaths) => {
				const {living} = await play({contenders: each, seed: number, deaths, pauses: true});
				expect(living).not.toContain('never');
				lost += living.filter(end => end === 'lost').length;
			}),
			{numRuns: schedules},
		);
		// Otherwise this would not have been tried.
		expect(lost).toBeGreaterThan(0);
	});

	test('lines that break, and what arrives long after that, never let two in', async () => {
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(contenders, seed, fc.nat(2), async (each, number, deaths) => {
				const played = await play({contenders: each, seed: number, deaths, pauses: true, cuts: true});
				expect(played.living).not.toContain('never');
				taken += played.taken;
			}),
			{numRuns: schedules},
		);
		expect(taken).toBeGreaterThan(schedules);
	});
});
