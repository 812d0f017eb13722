import {createHash, randomBytes} from 'node:crypto';
import type {AgentContext} from './agent-context.ts';
import type {LockClaim} from './connection.ts';
import {FileOperationError} from './machine-errors.ts';
import {windowsPath} from './windows-path.ts';

/*
 * The files of the lock lie in the staging folder. Their names alone say all that the protocol needs, so that a file
 * that is half written or cannot be read never matters, and nobody has to open one while it is being watched:
 * Windows OpenSSH opens files so that they can neither be renamed nor removed meanwhile (PowerShell/openssh-portable,
 * contrib/win32/win32compat/fileio.c).
 *
 *   lock.ID.json         a claim to the lock; says who makes it. It is never changed.
 *   lock.ID.3.renewal    its holder renewed it for the third time. Empty.
 */

/** A claim to the lock of an Agent. */
export interface FoundClaim {
	/** Used once and never again, so that removing a claim too late removes no other one. */
	readonly id: string;
	/** Greater than that of every claim which it sets aside. */
	readonly generation: number;
	/** Stand for the run and the token; undefined for a file that was not named by this program. */
	readonly run?: string;
	readonly token?: string;
	/** The numbers of the renewals that are there, in order. */
	readonly renewals: readonly number[];
}

export interface LockFiles {
	/** False where there is no staging folder. */
	readonly folder: boolean;
	/** Whoever comes first goes before the others. */
	readonly claims: readonly FoundClaim[];
	/** Names of renewals of claims that are gone. */
	readonly strays: readonly string[];
}

const claimName = /^lock\.([\w-]{1,120})\.json$/;
const renewalName = /^lock\.([\w-]{1,120})\.(\d{1,9})\.renewal$/;
const ourId = /^(\d{1,6})-([\da-f]{12})-([\da-f]{16})-[\da-f]{12}$/;
const lastGeneration = 999_999;

/** Everything that there is of the lock, in one listing. */
export async function findLockFiles({machine, paths}: AgentContext): Promise<LockFiles> {
	const names = await machine.list(paths.staging);
	const renewals = new Map<string, number[]>();
	for (const name of names ?? []) {
		const [, id, count] = renewalName.exec(name) ?? [];
		if (id !== undefined) {
			renewals.set(id, [...(renewals.get(id) ?? []), Number(count)]);
		}
	}

	const claims: FoundClaim[] = [];
	for (const name of names ?? []) {
		const id = claimName.exec(name)?.[1];
		if (id !== undefined) {
			claims.push(claimOf(id, renewals.get(id) ?? []));
			renewals.delete(id);
		}
	}

	return {
		folder: names !== undefined,
		claims: claims.sort(inOrder),
		strays: [...renewals].flatMap(([id, counts]) => counts.map(count => renewalFile(id, count))),
	};
}

function claimOf(id: string, renewals: readonly number[]): FoundClaim {
	const [, generation, run, token] = ourId.exec(id) ?? [];
	return {
		id,
		generation: Number(generation ?? 0),
		...(run !== undefined && {run}),
		...(token !== undefined && {token}),
		renewals: renewals.toSorted((a, b) => a - b),
	};
}

/** A claim that goes before all of `others`. */
export function newClaim(
	claim: LockClaim,
	others: readonly FoundClaim[],
): FoundClaim & {readonly run: string} {
	const generation = Math.min(lastGeneration, Math.max(0, ...others.map(other => other.generation)) + 1);
	const {run, token} = keysOf(claim);
	const attempt = randomBytes(6).toString('hex');
	return {id: `${generation}-${run}-${token}-${attempt}`, generation, run, token, renewals: []};
}

/** What stands for the run and the token of a claim in the names of its files. */
export function keysOf({run, token}: LockClaim): {readonly run: string; readonly token: string} {
	const digest = (text: string) => createHash('sha256').update(text).digest('hex');
	return {run: digest(run).slice(0, 12), token: digest(token).slice(0, 16)};
}

/** Whether `claim` stays where both find each other. */
export function goesBefore(claim: FoundClaim, other: FoundClaim): boolean {
	return inOrder(claim, other) < 0;
}

/** Whether whoever makes `claim` takes the lock from the holder of `held`. */
export function setsAside(claim: FoundClaim, held: FoundClaim): boolean {
	// No claim can be greater than the last generation, which only tampering brings about: there every other one counts.
	return claim.generation > held.generation || held.generation === lastGeneration;
}

function inOrder(a: FoundClaim, b: FoundClaim): number {
	return b.generation - a.generation || (a.id < b.id ? -1 : 1);
}

export function claimPath({paths}: AgentContext, {id}: FoundClaim): string {
	return windowsPath(paths.staging, `lock.${id}.json`);
}

export function renewalPath({paths}: AgentContext, {id}: FoundClaim, count: number): string {
	return windowsPath(paths.staging, renewalFile(id, count));
}

function renewalFile(id: string, count: number): string {
	return `lock.${id}.${count}.renewal`;
}

/** Ends a claim. It counts no more as soon as its first file is gone; what is left then harms nobody. */
export async function removeClaim(context: AgentContext, claim: FoundClaim): Promise<void> {
	await removePatiently(context, claimPath(context, claim));
	await removeRenewals(context, claim);
}

export async function removeRenewals(context: AgentContext, claim: FoundClaim): Promise<void> {
	for (const count of claim.renewals) {
		await removePatiently(context, renewalPath(context, claim, count));
	}
}

/** Renewals whose claim is gone belong to nobody. Only those of `token`, where one is given. */
export async function removeStrays(
	context: AgentContext,
	strays: readonly string[],
	token?: string,
): Promise<void> {
	for (const stray of strays) {
		const id = renewalName.exec(stray)?.[1] ?? '';
		if (token === undefined || ourId.exec(id)?.[3] === token) {
			await removePatiently(context, windowsPath(context.paths.staging, stray));
		}
	}
}

async function removePatiently(context: AgentContext, path: string): Promise<void> {
	await patiently(context, () => context.machine.remove(path));
}

const tries = 5;
const betweenTriesMs = 200;

/** On Windows, what somebody else has open at this moment can neither be read nor removed. */
export async function patiently<Value>({clock}: AgentContext, act: () => Promise<Value>): Promise<Value> {
	for (let left = tries; ; left--) {
		try {
			return await act();
		} catch (error) {
			const another = error instanceof FileOperationError && error.code !== 'FILE_TOO_LARGE';
			if (!another || left === 1) {
				throw error;
			}
		}

		await clock.sleep(betweenTriesMs);
	}
}
