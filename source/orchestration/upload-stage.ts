import {ConnectionLostError, UnreachableError} from '../agent/machine-errors.ts';
import type {LocalPackage} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import {leaderOf} from '../domain/launch.ts';
import {SharedBandwidth} from './shared-bandwidth.ts';
import {inParallel} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';

/**
 * Brings the package to every Agent that needs it from us, several at a time. The first Agent that cannot be uploaded to ends the stage:
 * the uploads beside it are broken off, and what they sent is kept for another try. An Agent that has the package
 * already is only asked whether it is still there and whole.
 */
export async function uploadToAll(
	run: RunContext,
	agents: readonly AgentId[] = agentsInNeed(run),
): Promise<void> {
	const {file} = await run.package();
	const {bandwidth} = run.plan;
	const shared = bandwidth === undefined ? undefined : new SharedBandwidth(bandwidth, run.clock);
	const failed = new AbortController();
	const signal = AbortSignal.any([run.stopSignal, failed.signal]);
	await inParallel(agents, run.limits.parallelUploads, async agent => {
		try {
			await uploadTo(run, agent, file, {signal, shared});
		} catch (error) {
			if (!signal.aborted) {
				await run.fail(agent, error);
				failed.abort();
			}

			throw error;
		}
	});
}

/** An Agent that is told to upgrade the whole cluster hands the package on by itself. */
function agentsInNeed(run: RunContext): readonly AgentId[] {
	const leader = leaderOf(run.plan);
	return run.unlaunched.filter(agent => leader === undefined || agent === leader);
}

async function uploadTo(
	run: RunContext,
	agent: AgentId,
	file: LocalPackage,
	{signal, shared}: {readonly signal: AbortSignal; readonly shared: SharedBandwidth | undefined},
): Promise<void> {
	await run.record({type: 'upload.started', agent, total: file.size});
	let attemptsLeft = run.limits.uploadAttempts;
	let reportedAt = run.clock.now();
	let bytes = 0;
	let lost = false;
	const restored = () => {
		if (lost) {
			lost = false;
			run.report({type: 'contact.restored', agent});
		}
	};
	for (;;) {
		const before = bytes;
		try {
			const result = await run.connection(agent).stagePackage(file, {
				stallMs: run.limits.uploadStall,
				signal,
				...(shared && {pace: (more, given) => shared.take(more, given)}),
				onProgress(sent) {
					restored();
					bytes = sent;
					const now = run.clock.now();
					if (now - reportedAt >= run.limits.uploadReport) {
						reportedAt = now;
						run.report({type: 'upload.progressed', agent, bytes: sent});
					}
				},
			});
			restored();
			await run.record({
				type: 'upload.finished',
				agent,
				sha256: file.sha256,
				alreadyThere: result.alreadyThere,
				path: result.path,
			});
			return;
		} catch (error) {
			signal.throwIfAborted();
			attemptsLeft = bytes > before ? run.limits.uploadAttempts : attemptsLeft - 1;
			if (!isLostContact(error) || attemptsLeft <= 0) {
				throw error;
			}

			if (!lost) {
				lost = true;
				await run.record({type: 'contact.lost', agent, expected: false, reason: error.message});
			}

			await run.clock.sleep(run.limits.poll, signal);
		}
	}
}

/** The connection failed, and another one may do better. */
function isLostContact(error: unknown): error is ConnectionLostError | UnreachableError {
	return error instanceof ConnectionLostError || error instanceof UnreachableError;
}
