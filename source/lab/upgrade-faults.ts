import {ignoreEndOf} from './data-miner.ts';
import type {FaultName} from './faults.ts';
import {meetLineFaults} from './line-faults.ts';
import type {LocalUpgrade} from './local-upgrade.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** What goes wrong in the middle. Source: KI_DCOMConfig_flagged_as_virus.md */
const dcomConfigMissing = 'Not found in upgrades, tools, files or windows system dir';

/** Source: RN 43477 */
const actionFailed =
	'UpgradeAction failed:System.ArgumentException: An item with the same key has already been added.';

/** How long after its success an upgrade turns out to have failed, in seconds of real life. */
const failsLateSeconds = 60;
/** The same, from when DataMiner runs on. */
const failsRunningSeconds = 30;

/** Lets happen, in the middle of an upgrade, what the faults in force say. False when the upgrade is over. */
export async function meetFaultsHalfWay(upgrade: LocalUpgrade): Promise<boolean> {
	const {agent, log} = upgrade;
	const bites = (fault: FaultName) => agent.faults.bites(fault, agent.name);
	meetLineFaults(agent, 'upgrade');
	if (bites('log-truncated')) {
		await log.empty();
	}

	if (bites('log-rotated')) {
		await log.rotate();
	}

	const reboots = bites('reboots-for-too-long')
		? 'too long'
		: bites('reboots-for-long')
			? 'long'
			: bites('reboots')
				? 'usual'
				: undefined;
	if (reboots) {
		await agent.reboot(reboots);
		await log.write('notice', 'Windows was restarted. The upgrade goes on.');
	}

	if (bites('upgrade-fails')) {
		await log.write('notice', `Executing 'dcomConfig.exe' failed: ${dcomConfigMissing}`);
		await upgrade.fail(`Execute failed: ${dcomConfigMissing}`);
		return false;
	}

	return true;
}

/** Whether the success that the upgrade will write is not true: DataMiner stays as it is then. */
export function willFailLate({faults, name}: SimulatedAgent): boolean {
	return faults.active('fails-after-success', name);
}

/**
 * Writes the last lines of an upgrade. `well`: its log says that it succeeded, and it did; `misreported`: it
 * succeeded, and its log says that it failed; `failed`: it succeeded first and failed later.
 */
export async function endWithFaults(upgrade: LocalUpgrade): Promise<'well' | 'misreported' | 'failed'> {
	const {agent, log} = upgrade;
	if (agent.faults.bites('runs-after-failure', agent.name)) {
		await log.write('step', 'Executing on-failure steps due to failure...');
		await log.write('error', `Upgrade failed: ${actionFailed}`);
		return 'misreported';
	}

	await log.write('success', 'The upgrade of this Agent has succeeded.');
	if (agent.faults.bites('fails-after-success', agent.name)) {
		await agent.time.pass(failsLateSeconds);
		await upgrade.fail(actionFailed);
		return 'failed';
	}

	await log.write('finished', 'Finished.');
	if (agent.faults.bites('fails-while-running', agent.name)) {
		void agent.track(failWhileRunning(upgrade)).catch(ignoreEndOf(agent.time.ended));
	}

	return 'well';
}

async function failWhileRunning({agent, log}: LocalUpgrade): Promise<void> {
	await agent.untilRunning();
	await agent.time.pass(failsRunningSeconds);
	await log.write('error', `Upgrade failed: ${actionFailed}`);
}
