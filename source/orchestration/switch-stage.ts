import {AgentError} from '../agent/connection.ts';
import {MachineError} from '../agent/machine-errors.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import type {SwitchOver} from '../domain/plan.ts';
import {switchKey} from '../domain/run-state.ts';
import type {Failure} from '../domain/user-error.ts';
import {all} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';

/** Switches pairs over, all at once, and waits until each has changed roles. Answers what failed. */
export async function switchPairs(
	run: RunContext,
	pairs: readonly SwitchOver[],
): Promise<readonly Failure[]> {
	const failures: Failure[] = [];
	const open = pairs.filter(pair => run.state.switches.get(switchKey(pair)) !== 'finished');
	await all(open, async pair => {
		try {
			if (!(await isUnderWay(run, pair))) {
				await run.record({type: 'switch.started', pair});
				await startSwitch(run, pair);
			}

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

/** How many looks in a row have to show unchanged roles before an earlier order to switch counts as lost. */
const looksAtUnchangedRoles = 6;

/** Whether an order that an earlier runner, or an earlier attempt, announced has its effect: it is not given twice. */
async function isUnderWay(run: RunContext, pair: SwitchOver): Promise<boolean> {
	if (!run.state.switches.has(switchKey(pair))) {
		return false;
	}

	for (let look = 0; look < looksAtUnchangedRoles; look++) {
		try {
			const [left, right] = await rolesOf(run, pair);
			if (left.state === 'Switching' || right.state === 'Switching' || right.role !== 'offline') {
				return true;
			}
		} catch (error) {
			if (!(error instanceof MachineError)) {
				throw error;
			}
		}

		await run.clock.sleep(run.limits.poll);
	}

	return false;
}

function rolesOf(run: RunContext, {from, to}: SwitchOver): Promise<readonly [AgentStatus, AgentStatus]> {
	return Promise.all([run.connection(from).status(), run.connection(to).status()]);
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
			const [left, right] = await rolesOf(run, {from, to});
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
