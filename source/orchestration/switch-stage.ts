import {AgentError} from '../agent/connection.ts';
import type {SwitchOver} from '../domain/plan.ts';
import {all} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';
import {isLostContact} from './upload-stage.ts';

/** Switches pairs over, all at once, and waits until each has changed roles. Answers whether all of them did. */
export async function switchPairs(run: RunContext, pairs: readonly SwitchOver[]): Promise<boolean> {
	let switched = true;
	await all(pairs, async pair => {
		await run.record({type: 'switch.started', pair});
		try {
			await run.connection(pair.to).switchOver();
			await waitForRoles(run, pair);
			await run.record({type: 'switch.finished', pair});
		} catch (error) {
			switched = false;
			await run.record({type: 'switch.failed', pair, failure: switchFailure(pair, error)});
		}
	});
	return switched;
}

async function waitForRoles(run: RunContext, {from, to}: SwitchOver): Promise<void> {
	const {clock, limits} = run;
	const deadline = clock.now() + limits.switchOver;
	let seen = 'nothing';
	while (clock.now() <= deadline) {
		try {
			const [left, right] = await Promise.all([run.connection(from).status(), run.connection(to).status()]);
			if (left.role === 'offline' && right.role === 'online' && right.state === 'Running') {
				return;
			}

			seen = `${from} is ${left.role ?? 'unknown'}, ${to} is ${right.role ?? 'unknown'} (${right.state})`;
		} catch (error) {
			if (!isLostContact(error)) {
				throw error;
			}

			seen = error.message;
		}

		await clock.sleep(limits.poll);
	}

	throw new AgentError(to, 'SWITCH_TIMED_OUT', `The roles did not change in time: ${seen}.`, []);
}

function switchFailure({from, to}: SwitchOver, error: unknown) {
	return {
		code: 'SWITCH_FAILED',
		message: `${from} could not be switched over to ${to}: ${error instanceof Error ? error.message : String(error)}`,
		nextSteps: [
			'Look at the Failover status of the pair in Cube and at Logging\\SLFailover.txt.',
			`The Agents of the next wave were not touched; ${from} still runs the old version.`,
		],
	};
}
