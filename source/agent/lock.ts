import type {LockHolder} from '../domain/run-event.ts';
import type {AgentContext} from './agent-context.ts';
import type {LockClaim} from './connection.ts';
import {LockLostError} from './lock-errors.ts';
import {
	type FoundClaim,
	type LockFiles,
	findLockFiles,
	keysOf,
	removeClaim,
	removeRenewals,
	removeStrays,
	renewalPath,
	setsAside,
} from './lock-files.ts';
import {readHolder} from './lock-holder.ts';

/*
 * Why two claims never hold the lock at once. Whoever wants it (lock-claim.ts) first creates its claim file and then
 * lists the folder, and holds the lock only if it finds no other claim there. So of two that hold it, one, B, created
 * its file later and did not find A's: somebody had removed that, which only A itself does, or someone who sets A
 * aside. Setting A aside takes, in this order: to see no renewal of A for `staleMs`; to create a claim of a higher
 * generation; to see no renewal of A again; to remove A's claim. A renewal of A goes the other way round: create the
 * file of the renewal, then look for the own claim and for higher generations. Whichever of the two wrote later sees
 * the other when it looks. So A's renewal fails, or it is seen and A is left alone; and a holder that does not come to
 * renew for `staleMs` learns from its next renewal that it has lost the lock, before it does anything else. That holds
 * for as long as A's claim may vanish, too: where B cannot tell whether a removal will still arrive, its own claim
 * stays.
 *
 * This needs no more of the file server than that a listing shows every file which was there before it began and
 * stays until it ended. It needs no clock but the watcher's own. A claim file is never renamed nor replaced: a server
 * that lists and then looks at each file, as OpenSSH does, would miss it meanwhile.
 */

/** Who holds the lock; of several claims, the one that was renewed or goes first. */
export async function lockHolder(
	context: AgentContext,
	signal?: AbortSignal,
): Promise<LockHolder | undefined> {
	signal?.throwIfAborted();
	const {claims} = await findLockFiles(context);
	const first = claims.find(claim => claim.renewals.length > 0) ?? claims[0];
	return first && readHolder(context, first, signal);
}

/** Rejects with `LockLostError` when the claim is gone or somebody sets it aside; then nothing of it is left. */
export async function renewLock(
	context: AgentContext,
	claim: LockClaim,
	signal?: AbortSignal,
): Promise<void> {
	signal?.throwIfAborted();
	try {
		const held = await stillHeld(context, claim, await findLockFiles(context));
		const count = (held.renewals.at(-1) ?? 0) + 1;
		// That it is there already is as good: nobody but this claim makes it.
		await context.machine.writeFile(renewalPath(context, held, count), '', 'exclusive');
		await stillHeld(context, claim, await findLockFiles(context));
		await removeRenewals(context, held);
	} catch (error) {
		if (error instanceof LockLostError) {
			// Whoever sets it aside removes it too, if this fails.
			await releaseLock(context, claim).catch(() => undefined);
		}

		throw error;
	}
}

async function stillHeld(context: AgentContext, claim: LockClaim, {claims}: LockFiles): Promise<FoundClaim> {
	const {token} = keysOf(claim);
	const own = claims.find(found => found.token === token);
	const others = claims.filter(found => found.token !== token);
	const taker = own ? others.find(found => setsAside(found, own)) : others[0];
	if (!own || taker) {
		throw new LockLostError(context.agent, taker && (await readHolder(context, taker)));
	}

	return own;
}

/** Removes whatever there is of this claim, and nothing else. */
export async function releaseLock(
	context: AgentContext,
	claim: LockClaim,
	signal?: AbortSignal,
): Promise<void> {
	const {token} = keysOf(claim);
	signal?.throwIfAborted();
	const {claims, strays} = await findLockFiles(context);
	for (const own of claims.filter(found => found.token === token)) {
		await removeClaim(context, own);
	}

	await removeStrays(context, strays, token);
}
