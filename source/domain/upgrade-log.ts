import type {ProgressLine} from './agent-status.ts';
import type {UpgradePlan} from './plan.ts';
import type {LogEntry} from './run-log.ts';

/** How an upgrade ended, by its own log. */
export type UpgradeEnding = {readonly ended: 'well'} | {readonly ended: 'badly'; readonly reason: string};

/** Event types that end a log well. The documents name them without saying more. Source: RN 46130 */
const goodEndings: ReadonlySet<string> = new Set(['finished', 'success', 'localcomplete', 'upgradecomplete']);

/** Source: KI_DCOMConfig_flagged_as_virus.md. Other lines of type `error` are no endings (RN 32772). */
const failedMessage = /^Upgrade failed\b/i;

/** Undefined for every line after which the upgrade goes on. */
export function endingOf(line: ProgressLine): UpgradeEnding | undefined {
	if (goodEndings.has(line.type)) {
		return {ended: 'well'};
	}

	return line.type === 'error' && failedMessage.test(line.message)
		? {ended: 'badly', reason: line.message}
		: undefined;
}

const rebootWords = /\breboot/i;

/** Whether losing contact now is to be expected: the plan reboots Windows, or the Agent's log just spoke of it. */
export function mayReboot(plan: UpgradePlan, log: readonly LogEntry[]): boolean {
	return (
		plan.options.RebootAfterUpgrade ||
		plan.package.actions.some(action => /^setoption\s+reboot\b/i.test(action)) ||
		log.slice(-3).some(entry => rebootWords.test(entry.message))
	);
}
