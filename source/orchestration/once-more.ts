import {ConnectionLostError, UnreachableError} from '../agent/machine-errors.ts';
import type {AgentId} from '../domain/agent.ts';
import type {RunContext} from './run-context.ts';

/**
 * Does what may be done twice, and does it once more where the connection broke meanwhile: one broken connection among
 * many Agents is no reason to end a run. Rejects as the second attempt does.
 */
export async function onceMore<T>(run: RunContext, agent: AgentId, act: () => Promise<T>): Promise<T> {
	try {
		return await act();
	} catch (error) {
		if (!(error instanceof ConnectionLostError)) {
			throw error;
		}

		run.stopSignal.throwIfAborted();
		await run.record({type: 'contact.lost', agent, expected: false, reason: error.message});
		await run.clock.sleep(run.limits.poll, run.stopSignal);
	}

	try {
		const result = await act();
		await run.record({type: 'contact.restored', agent});
		return result;
	} catch (error) {
		if (!(error instanceof ConnectionLostError || error instanceof UnreachableError)) {
			await run.record({type: 'contact.restored', agent});
		}

		throw error;
	}
}
