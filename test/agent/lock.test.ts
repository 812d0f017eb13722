import {beforeEach, describe, expect, test} from 'vitest';
import type {LockClaim, LockOptions} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {
	AgentLockedError,
	LockLostError,
	LockTooSlowError,
	StaleLockError,
} from '../../source/agent/lock-errors.ts';
import {ConnectionLostError, FileOperationError} from '../../source/agent/machine-errors.ts';
import type {LockHolder} from '../../source/domain/run-event.ts';
import {exitCodes} from '../../source/domain/user-error.ts';
import {LivelyFolder, LivelyMachine} from '../support/lively-folder.ts';

const staging = 'C:\\ProgramData\\dms-upgrade';
const options: LockOptions = {staleMs: 30_000, pollMs: 1000, takeOver: false};
const takeOver: LockOptions = {...options, takeOver: true};
const renewEveryMs = 10_000;

const edith: LockClaim = {
	run: '20260115-000000-aaaa',
	token: 'first runner',
	operator: {user: 'edith', host: 'jump-1'},
	since: Date.UTC(2026, 0, 15),
};
const otto: LockClaim = {
	run: '20260115-000100-bbbb',
	token: 'second runner',
	operator: {user: 'otto', host: 'jump-2'},
	since: Date.UTC(2026, 0, 15, 0, 1),
};
const edithAsHolder = holderOf(edith);
const ottoAsHolder = holderOf(otto);

function holderOf({run, operator, since}: LockClaim): LockHolder {
	return {run, operator, since};
}

let folder: LivelyFolder;
let agent: DataMinerAgent;

beforeEach(() => {
	folder = new LivelyFolder();
	agent = new DataMinerAgent({agent: 'DMA-01', machine: new LivelyMachine(folder), clock: folder});
});

const names = () => [...folder.files.keys()].map(path => path.slice(staging.length + 1));
const put = (name: string, content = '') => folder.files.set(`${staging}\\${name}`, {content});

/** The holder of a claim lives: he renews it as often as runs do. */
function keepRenewing(claim: LockClaim) {
	let next = folder.time + renewEveryMs;
	folder.meanwhile = async () => {
		if (folder.time >= next) {
			next += renewEveryMs;
			await agent.renewLock(claim);
		}
	};
}

/** Resolves to the error that something rejects with. */
async function errorOf<Kind extends Error>(
	act: Promise<unknown>,
	kind: abstract new (...all: never[]) => Kind,
): Promise<Kind> {
	const error: unknown = await act.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(kind);
	return error as Kind;
}

describe('taking the lock', () => {
	test('leaves one file, which says who, from where, which run, since when', async () => {
		expect(await agent.acquireLock(edith, options)).toBeUndefined();
		expect(names()).toEqual([expect.stringMatching(/^lock\.[\w-]+\.json$/)]);
		expect(JSON.parse([...folder.files.values()][0]!.content)).toEqual(edithAsHolder);
		expect(await agent.lockHolder()).toEqual(edithAsHolder);
	});

	test('never tells the token, which would let others pass for the holder', async () => {
		await agent.acquireLock(edith, options);
		await agent.renewLock(edith);
		expect(JSON.stringify([...folder.files])).not.toContain(edith.token);
	});

	test('is refused while its holder lives, with all that is known about him, and changes nothing', async () => {
		await agent.acquireLock(edith, options);
		keepRenewing(edith);
		const error = await errorOf(agent.acquireLock(otto, takeOver), AgentLockedError);
		expect(error.message).toBe(
			'DMA-01 is locked: edith on jump-1 holds it for run 20260115-000000-aaaa since 2026-01-15T00:00:00.000Z.',
		);
		expect(error).toMatchObject({
			code: 'AGENT_LOCKED',
			exitCode: exitCodes.blocked,
			holder: edithAsHolder,
			nextSteps: [
				'Wait until run 20260115-000000-aaaa has ended, then start again.',
				'Or ask edith about it.',
			],
		});
		expect(await agent.lockHolder()).toEqual(edithAsHolder);
		await agent.renewLock(edith);
		await agent.releaseLock(edith);
		expect(names()).toEqual([]);
	});

	test('succeeds as soon as the holder gives it back, while one looks', async () => {
		await agent.acquireLock(edith, options);
		folder.meanwhile = () => agent.releaseLock(edith);
		expect(await agent.acquireLock(otto, options)).toBeUndefined();
		expect(await agent.lockHolder()).toEqual(ottoAsHolder);
	});

	test('does not wait for a holder to give way who came only a moment before', async () => {
		const early = 'lock.1-ffffffffffff-ffffffffffffffff-ffffffffffff';
		folder.before = operation => {
			if (operation === 'write') {
				folder.before = () => undefined;
				put(`${early}.json`, JSON.stringify(edithAsHolder));
				put(`${early}.1.renewal`);
			}
		};
		let renewals = 1;
		folder.meanwhile = () => {
			renewals += 1;
			put(`${early}.${renewals}.renewal`);
			return undefined;
		};
		const begun = folder.time;
		const error = await errorOf(agent.acquireLock(otto, options), AgentLockedError);
		expect(error.holder).toEqual(edithAsHolder);
		expect(folder.time - begun).toBeLessThan(5 * options.pollMs);
	});

	test('can be given up, and then leaves nothing', async () => {
		await agent.acquireLock(edith, options);
		const before = names();
		const stop = new AbortController();
		folder.meanwhile = () => {
			stop.abort(new Error('enough'));
			return undefined;
		};
		await expect(agent.acquireLock(otto, {...takeOver, signal: stop.signal})).rejects.toThrow('enough');
		expect(names()).toEqual(before);
	});

	test('is refused by an Agent so slow that it would be stale before it is known to be held', async () => {
		folder.stepMs = 6000;
		const error = await errorOf(agent.acquireLock(edith, options), LockTooSlowError);
		expect(error.message).toBe('DMA-01 answers too slowly to be locked: that took more than 10 s.');
		expect(names()).toEqual([]);
	});

	test('leaves nothing when it goes wrong', async () => {
		folder.before = operation => {
			if (operation === 'list' && names().length > 0) {
				folder.before = () => undefined;
				throw new ConnectionLostError('agent.example', 'listing');
			}
		};
		await expect(agent.acquireLock(edith, options)).rejects.toThrow(ConnectionLostError);
		expect(names()).toEqual([]);
	});
});

describe('a lock that nobody renews', () => {
	beforeEach(async () => {
		await agent.acquireLock(edith, options);
		await agent.renewLock(edith);
	});

	test('is not taken unless somebody says so', async () => {
		const before = new Map(folder.files);
		const error = await errorOf(agent.acquireLock(otto, options), StaleLockError);
		expect(error.message).toBe(
			'DMA-01 is locked: edith on jump-1 holds it for run 20260115-000000-aaaa since 2026-01-15T00:00:00.000Z. Nobody has renewed the lock for 30 s.',
		);
		expect(error).toMatchObject({
			code: 'LOCK_STALE',
			exitCode: exitCodes.blocked,
			nextSteps: [
				'Make sure that run 20260115-000000-aaaa is dead: look for it on jump-1, or ask edith.',
				'If so, start again with --take-over-lock.',
			],
		});
		expect(folder.files).toEqual(before);
	});

	test('is taken within 35 s, and it is told whose it was', async () => {
		folder.stepMs = 100;
		const begun = folder.time;
		expect(await agent.acquireLock(otto, takeOver)).toEqual(edithAsHolder);
		expect(folder.time - begun).toBeGreaterThanOrEqual(30_000);
		expect(folder.time - begun).toBeLessThanOrEqual(35_000);
		expect(await agent.lockHolder()).toEqual(ottoAsHolder);
		expect(names()).toHaveLength(1);
	});

	test('is lost to its old holder, who learns of it and takes nothing with him', async () => {
		await agent.acquireLock(otto, takeOver);
		const before = names();
		const error = await errorOf(agent.renewLock(edith), LockLostError);
		expect(error.message).toBe(
			'This run has lost its lock on DMA-01: otto on jump-2 holds it for run 20260115-000100-bbbb since 2026-01-15T00:01:00.000Z.',
		);
		expect(error).toMatchObject({
			code: 'LOCK_LOST',
			exitCode: exitCodes.agentFailed,
			holder: ottoAsHolder,
			nextSteps: [
				'Find out what run 20260115-000100-bbbb does on DMA-01 before anything else is started there.',
			],
		});
		await agent.releaseLock(edith);
		expect(names()).toEqual(before);
		await agent.renewLock(otto);
		await agent.releaseLock(otto);
		expect(names()).toEqual([]);
	});

	test('is not stale because somebody set a clock', async () => {
		let looks = 0;
		let waited = 0;
		folder.meanwhile = () => {
			looks += 1;
			waited += 1000;
			folder.time += looks === 2 ? 86_400_000 : looks === 4 ? -172_800_000 : 0;
			return undefined;
		};
		await agent.acquireLock(otto, takeOver);
		// One moment counts for a quarter of that time at most.
		expect(waited).toBeGreaterThan(20_000);
	});

	test('is not stale because it is old: what counts is what one sees', async () => {
		await agent.releaseLock(edith);
		await agent.acquireLock({...edith, since: 0}, options);
		keepRenewing(edith);
		await expect(agent.acquireLock(otto, takeOver)).rejects.toThrow(AgentLockedError);
	});

	test('is taken by a later runner of the same run at once, without a word', async () => {
		const begun = folder.time;
		const later = {...edith, token: 'later runner'};
		expect(await agent.acquireLock(later, options)).toEqual(edithAsHolder);
		expect(folder.time).toBe(begun);
		await agent.renewLock(later);
		const error = await errorOf(agent.renewLock(edith), LockLostError);
		expect(error.holder).toEqual(edithAsHolder);
		await agent.releaseLock(later);
		expect(names()).toEqual([]);
	});

	test('is taken again by its own runner, who took it from nobody', async () => {
		expect(await agent.acquireLock(edith, options)).toBeUndefined();
		expect(names()).toHaveLength(1);
	});
});

describe('losing the lock', () => {
	test('to nobody is said to be that', async () => {
		await agent.acquireLock(edith, options);
		folder.files.clear();
		const error = await errorOf(agent.renewLock(edith), LockLostError);
		expect(error.message).toBe(
			'This run has lost its lock on DMA-01: somebody removed it, and nobody holds it now.',
		);
		expect(error.holder).toBeUndefined();
		expect(names()).toEqual([]);
	});

	test('clears the way for whoever is about to take it', async () => {
		await agent.acquireLock(edith, options);
		put('lock.2-000000000000-0000000000000000-000000000000.json');
		await expect(agent.renewLock(edith)).rejects.toThrow(LockLostError);
		expect(names()).toEqual(['lock.2-000000000000-0000000000000000-000000000000.json']);
	});

	test('is noticed also where somebody has made a claim so great that none can be greater', async () => {
		const greatest = 'lock.999999-000000000000-0000000000000000-00000000000';
		put(`${greatest}0.json`);
		expect(await agent.acquireLock(edith, takeOver)).toMatchObject({run: 'unknown'});
		await agent.renewLock(edith);
		put(`${greatest}1.json`);
		await expect(agent.renewLock(edith)).rejects.toThrow(LockLostError);
	});
});

describe('a taker whose line breaks', () => {
	test('keeps its claim while a removal may be under way, so that the holder does not go on', async () => {
		await agent.acquireLock(edith, options);
		let broken = false;
		folder.before = operation => {
			if (operation === 'remove' && !broken) {
				broken = true;
				throw new ConnectionLostError('agent.example', 'removing');
			}
		};
		await expect(agent.acquireLock(otto, takeOver)).rejects.toThrow(ConnectionLostError);
		await expect(agent.renewLock(edith)).rejects.toThrow(LockLostError);
		expect(await agent.acquireLock(otto, options)).toBeUndefined();
		await agent.releaseLock(otto);
		expect(names()).toEqual([]);
	});

	test('removes its claim of before only after those which that had set aside', async () => {
		await agent.acquireLock(edith, options);
		const removed: string[] = [];
		folder.before = (operation, path) => {
			if (operation === 'remove') {
				removed.push(path.slice(staging.length));
				if (removed.length === 1) {
					throw new ConnectionLostError('agent.example', 'removing');
				}
			}
		};
		await expect(agent.acquireLock(otto, takeOver)).rejects.toThrow(ConnectionLostError);
		expect(await agent.acquireLock(otto, takeOver)).toEqual(edithAsHolder);
		expect(removed.map(name => name.slice(0, 8))).toEqual(['\\lock.1-', '\\lock.1-', '\\lock.2-']);
	});
});

describe('whatever else is found for a lock', () => {
	const huge = `{"run": "${'x'.repeat(20_000)}"}`;
	const hostile = '\u001B[2J\u001B]0;owned\u0007\u202Eevil\r\n';

	test.each([
		['nothing', ''],
		['half of it', '{"run": "20260115-0000'],
		['not JSON', 'locked by otto, call me'],
		['JSON that says something else', '[]'],
		['null', 'null'],
		['a number', '1e999'],
		['wrong types', '{"run": 1, "operator": [], "since": "now"}'],
		['a moment that is none', '{"run": "r", "operator": {"user": "u", "host": "h"}, "since": 1e300}'],
		['empty words', '{"run": "", "operator": {"user": "", "host": ""}, "since": 1}'],
		['too much', huge],
		['bytes', '\u0000\uFFFD\u0001'],
		['prototypes', '{"__proto__": {"run": "r", "operator": {"user": "u", "host": "h"}, "since": 1}}'],
	])('%s counts as a lock of somebody unknown', async (_, content) => {
		put('lock.whatever.json', content);
		const unknown = {run: 'unknown', operator: {user: 'unknown', host: 'unknown'}, since: folder.time};
		expect(await agent.lockHolder()).toEqual(unknown);
		const error = await errorOf(agent.acquireLock(edith, options), StaleLockError);
		expect(error.message).toBe(
			'DMA-01 is locked: there is a lock that does not say whose it is. Nobody has renewed the lock for 30 s.',
		);
		expect(error.nextSteps[0]).toBe('Make sure that no run goes on on DMA-01.');
		expect(names()).toEqual(['lock.whatever.json']);
		expect(await agent.acquireLock(edith, takeOver)).toMatchObject({run: 'unknown'});
		await agent.releaseLock(edith);
		expect(names()).toEqual([]);
	});

	test('what it says is shown without what a terminal would obey', async () => {
		const content = {run: hostile, operator: {user: hostile, host: 'h'.repeat(5000)}, since: 1};
		put('lock.whatever.json', JSON.stringify(content));
		const {message} = await errorOf(agent.acquireLock(edith, options), StaleLockError);
		expect(message).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E]/);
		expect(message.length).toBeLessThan(1000);
	});

	test('files with other names are nobody’s lock and stay', async () => {
		const others = ['lock.json', 'lock..json', 'lock.a b.json', 'lock.x.json.tmp', 'Lock.x.json', 'packages'];
		for (const name of others) {
			put(name);
		}

		expect(await agent.lockHolder()).toBeUndefined();
		await agent.acquireLock(edith, options);
		await agent.releaseLock(edith);
		expect(names()).toEqual(others);
	});

	test('renewals whose claim is gone are nobody’s lock, and are cleared away', async () => {
		put('lock.1-000000000000-0000000000000000-000000000000.3.renewal');
		expect(await agent.lockHolder()).toBeUndefined();
		await agent.acquireLock(edith, options);
		expect(names()).toHaveLength(1);
	});

	test('a file that somebody has open for a moment is asked for again', async () => {
		await agent.acquireLock(edith, options);
		let left = 3;
		folder.before = operation => {
			if (operation === 'remove' && left > 0) {
				left -= 1;
				throw new FileOperationError('agent.example', staging, 'FILE_FAILED', 'it is in use');
			}
		};
		await agent.releaseLock(edith);
		expect(names()).toEqual([]);
	});

	test('a file that never can be removed is an error in the end', async () => {
		await agent.acquireLock(edith, options);
		folder.before = operation => {
			if (operation === 'remove') {
				throw new FileOperationError('agent.example', staging, 'FILE_DENIED', 'access is denied');
			}
		};
		await expect(agent.releaseLock(edith)).rejects.toMatchObject({code: 'FILE_DENIED'});
	});
});
