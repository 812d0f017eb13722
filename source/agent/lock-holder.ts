import * as z from 'zod';
import type {LockHolder} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentContext} from './agent-context.ts';
import type {LockClaim} from './connection.ts';
import {type FoundClaim, claimPath, patiently} from './lock-files.ts';
import {FileOperationError} from './machine-errors.ts';

const longestClaim = 8 * 1024;
const lastMoment = 8.64e15;

const shown = z
	.string()
	.min(1)
	.transform(text => visibleText(text, 200));
const claimContent = z.object({
	run: shown,
	operator: z.object({user: shown, host: shown}),
	since: z.number().int().min(0).max(lastMoment),
});

const unknown = 'unknown';

export function isUnknown({run}: LockHolder): boolean {
	return run === unknown;
}

/** What a claim file says to people. */
export function claimText({run, operator, since}: LockClaim): string {
	return `${JSON.stringify({run, operator, since}, undefined, '\t')}\n`;
}

/**
 * Who makes a claim. Somebody unknown where its file does not say it: it is being written, was written by half, has
 * gone meanwhile, or is something else altogether.
 */
export async function readHolder(
	context: AgentContext,
	claim: FoundClaim,
	signal?: AbortSignal,
): Promise<LockHolder> {
	const options = {maxBytes: longestClaim, ...(signal && {signal})};
	try {
		const bytes = await patiently(context, () =>
			context.machine.readFile(claimPath(context, claim), options),
		);
		return claimContent.safeParse(JSON.parse(bytes?.toString('utf8') ?? '')).data ?? somebody(context);
	} catch (error) {
		if (error instanceof FileOperationError || error instanceof SyntaxError) {
			return somebody(context);
		}

		throw error;
	}
}

/** Nobody can tell since when; that he is there now is known. */
function somebody({clock}: AgentContext): LockHolder {
	return {run: unknown, operator: {user: unknown, host: unknown}, since: clock.now()};
}
