import {AgentError} from '../agent/connection.ts';
import {MachineError} from '../agent/machine-errors.ts';
import type {SwitchOver} from '../domain/plan.ts';
import type {Failure} from '../domain/user-error.ts';
import {all} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';

/** Switches pairs over, all at once, and waits until each has changed roles. Answers what failed. */
export async function switchPairs(
	run: RunContext,
	pairs: readonly SwitchOver[],
): Promise<readonly Failure[]> {
	const failures: Failure[] = [];
	await all(pairs, async pair => {
		await run.record({type: 'switch.started', pair});
		try {
			await startSwitch(run, pair);
			await waitForRoles(run, pair);
			await run.record({type: 'switch.finished', pair});
		} catch (error) {
			const failure = switchFailure(pair, error);
			failures.push(failure);
			await run.record({type: 'switch.failed', pair, failure});
		}
	});
	return failures;
}

/** The address that moves can take the connection along; the roles tell what came of it. */
async function startSwitch(run: RunContext, {to}: SwitchOver): Promise<void> {
	try {
		await run.connection(to).switchOver();
	} catch (error) {
		if (!(error instanceof MachineError)) {
			throw error;
		}
	}
}

async function waitForRoles(run: RunContext, {from, to}: SwitchOver): Promise<void> {
	const {clock, limits} = run;
	const deadline = clock.now() + limits.switchOver;
	let seen = 'nothing';
	while (clock.now() <= deadline) {
		try {
			const [left, right] = await Promise.all([run.connection(from).status(), run.connection(to).status()]);
			const up = left.state === 'Running' && right.state === 'Running';
			if (up && left.role === 'offline' && right.role === 'online') {
				return;
			}

			seen = `${from} is ${left.role ?? 'unknown'} (${left.state}), ${to} is ${right.role ?? 'unknown'} (${right.state})`;
		} catch (error) {
			if (!(error instanceof MachineError)) {
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
