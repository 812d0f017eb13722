import type {AgentId} from '../domain/agent.ts';
import {UserError} from '../domain/user-error.ts';
import type {RunContext} from './run-context.ts';

/** An Agent that could not be launched must not run on beside upgraded ones: one cluster, one version. */
export async function withdrawUnlaunched(run: RunContext, wave: readonly AgentId[]): Promise<void> {
	if (run.plan.package.restarts !== 'agent') {
		return;
	}

	const agents = wave.map(id => run.agent(id));
	if (!agents.some(agent => agent.outcome === 'done')) {
		return;
	}

	for (const {id, receipt, outcome} of agents) {
		if (outcome === 'failed' && receipt === undefined) {
			await withdraw(run, id);
		}
	}
}

async function withdraw(run: RunContext, id: AgentId): Promise<void> {
	try {
		const {state, upgradeInProgress, versionStamp} = await run.connection(id).status();
		if (upgradeInProgress !== undefined || versionStamp !== run.agent(id).statusBefore?.versionStamp) {
			await run.record({
				type: 'note',
				agent: id,
				text: 'It could not be launched, and yet something is or was carried out on it: it is left as it is. Look at it yourself.',
			});
			return;
		}

		if (state === 'Not running') {
			return;
		}

		if (!run.agent(id).withdrawn) {
			await run.record({type: 'agent.withdrawn', agent: id});
		}

		await run.connection(id).stop();
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		await run.record({
			type: 'note',
			agent: id,
			text: `It could not be launched, and could not be stopped either: ${error.message} Stop it by hand: it must not run beside a newer version.`,
		});
	}
}
