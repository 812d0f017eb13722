import {randomUUID} from 'node:crypto';
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {AgentConnection, LockClaim, LockOptions} from '../../source/agent/connection.ts';
import type {LockHolder} from '../../source/domain/run-event.ts';
import {AgentLockedError, LockLostError, StaleLockError} from '../../source/agent/lock-errors.ts';

/** Short enough for a test, and long enough for a computer that has much else to do. */
const options: LockOptions = {staleMs: 1000, pollMs: 50, takeOver: false};
const takeOver: LockOptions = {...options, takeOver: true};
/** Longer than any of these tests: nobody is called dead by it. */
const patient: LockOptions = {...options, staleMs: 600_000};

/**
 * What everybody may expect of the lock of an Agent. `connect` makes a new connection to always the same Agent, and
 * `folder` names its staging folder as it is on this computer.
 */
export function testAgentLock(connect: () => Promise<AgentConnection>, folder: () => string): void {
	afterEach(() => rm(folder(), {recursive: true, force: true}));

	let claims = 0;
	function aClaim(user: string): LockClaim {
		claims += 1;
		return {
			run: `run-${claims}`,
			token: randomUUID(),
			operator: {user, host: `${user}’s jump host`},
			since: Date.UTC(2026, 0, 15, 0, 0, claims),
		};
	}

	const holderOf = ({run, operator, since}: LockClaim): LockHolder => ({run, operator, since});
	const files = () => readdir(folder());

	test('is taken, renewed and given back, and nothing of it stays', async () => {
		const connection = await connect();
		const claim = aClaim('edith');
		expect(await connection.lockHolder()).toBeUndefined();
		expect(await connection.acquireLock(claim, patient)).toBeUndefined();
		expect(await connection.lockHolder()).toEqual(holderOf(claim));
		for (let count = 0; count < 3; count++) {
			await connection.renewLock(claim);
		}

		expect(await files()).toHaveLength(2);
		await connection.releaseLock(claim);
		expect(await connection.lockHolder()).toBeUndefined();
		expect(await files()).toEqual([]);
		await connection.releaseLock(claim);
	});

	test('is refused to a second run while the first one renews it, with all that is known about that', async () => {
		const [first, second] = [await connect(), await connect()];
		const [edith, otto] = [aClaim('edith'), aClaim('otto')];
		await first.acquireLock(edith, patient);
		const refusal = second.acquireLock(otto, {...patient, takeOver: true});
		const refused = refusal.then(
			() => true,
			() => true,
		);
		while (!(await Promise.race([refused, first.renewLock(edith)]))) {
			// Once more, until the second run has seen it.
		}

		await expect(refusal).rejects.toThrow(AgentLockedError);
		await expect(refusal).rejects.toMatchObject({code: 'AGENT_LOCKED', holder: holderOf(edith)});
		await first.renewLock(edith);
		await first.releaseLock(edith);
		expect(await files()).toEqual([]);
	});

	test('that nobody renews is taken over only where that was decided; its old holder learns of it', async () => {
		const [first, second] = [await connect(), await connect()];
		const [edith, otto] = [aClaim('edith'), aClaim('otto')];
		await first.acquireLock(edith, patient);
		const refusal = second.acquireLock(otto, options);
		await expect(refusal).rejects.toThrow(StaleLockError);
		await expect(refusal).rejects.toMatchObject({code: 'LOCK_STALE', holder: holderOf(edith)});
		expect(await second.acquireLock(otto, takeOver)).toEqual(holderOf(edith));

		const loss = first.renewLock(edith);
		await expect(loss).rejects.toThrow(LockLostError);
		await expect(loss).rejects.toMatchObject({code: 'LOCK_LOST', holder: holderOf(otto)});
		await first.releaseLock(edith);
		expect(await second.lockHolder()).toEqual(holderOf(otto));
		await second.renewLock(otto);
		await second.releaseLock(otto);
		expect(await files()).toEqual([]);
	});

	test('is taken at once by a later runner of the same run', async () => {
		const [first, second] = [await connect(), await connect()];
		const dead = aClaim('edith');
		const later = {...dead, token: randomUUID()};
		await first.acquireLock(dead, patient);
		await first.renewLock(dead);
		expect(await second.acquireLock(later, patient)).toEqual(holderOf(dead));
		await second.renewLock(later);
		await second.releaseLock(later);
		expect(await files()).toEqual([]);
	});

	test('is held by one of several who come at once', async () => {
		const all = await Promise.all(
			['edith', 'otto', 'mary', 'john'].map(async user => ({
				connection: await connect(),
				claim: aClaim(user),
			})),
		);
		const order: string[] = [];
		let holders = 0;
		await Promise.all(
			all.map(async ({connection, claim}) => {
				await connection.acquireLock(claim, patient);
				holders += 1;
				order.push(`${claim.operator.user} of ${holders}`);
				await connection.lockHolder();
				holders -= 1;
				await connection.releaseLock(claim);
			}),
		);
		expect(order.toSorted()).toEqual(['edith of 1', 'john of 1', 'mary of 1', 'otto of 1']);
		expect(await files()).toEqual([]);
	});

	test('can be waited for as long as one likes, and no longer', async () => {
		const connection = await connect();
		const [edith, otto] = [aClaim('edith'), aClaim('otto')];
		await connection.acquireLock(edith, patient);
		const before = await files();
		const stop = new AbortController();
		const waiting = connection.acquireLock(otto, {...patient, signal: stop.signal});
		stop.abort(new Error('enough'));
		await expect(waiting).rejects.toThrow('enough');
		expect(await files()).toEqual(before);
	});

	test('may be any rubbish, and then is that of somebody unknown', async () => {
		const connection = await connect();
		await mkdir(folder(), {recursive: true});
		await writeFile(join(folder(), 'lock.half.json'), '{"run": "20260115-0000');
		await writeFile(join(folder(), 'lock.huge.json'), 'x'.repeat(100_000));
		await mkdir(join(folder(), 'lock.no-file.json'));
		expect(await connection.lockHolder()).toMatchObject({run: 'unknown'});
		const claim = aClaim('edith');
		await expect(connection.acquireLock(claim, options)).rejects.toThrow('does not say whose it is');
		expect(await connection.acquireLock(claim, takeOver)).toMatchObject({run: 'unknown'});
		await connection.releaseLock(claim);
		expect(await files()).toEqual([]);
	});
}
