import type {SimulatedAgent} from './simulated-agent.ts';

/** What a client may be about when its connection fails. */
export type LineMoment =
	'readiness' | 'lock' | 'upload' | 'prerequisites' | 'launch' | 'upgrade' | 'verification';

/** Where a broken upload breaks, in bytes. Smaller files, such as locks and tests, get through. */
export const breakingPoint = 256 * 1024;

/** Whether a file is a lock of dms-upgrade, by its Windows path. */
export function isLock(windowsPath: string): boolean {
	return /\\lock\.[^\\]*\.json$/i.test(windowsPath);
}

/** To be called where a connection may fail, when that moment has come: lets it fail as the faults in force say. */
export function meetLineFaults(agent: SimulatedAgent, moment: LineMoment): void {
	if (agent.faults.bites(`reset-in-${moment}`, agent.name)) {
		agent.dropConnections('the network failed');
	}

	if (agent.faults.bites(`silence-in-${moment}`, agent.name)) {
		agent.silenceConnections('the network failed');
	}
}
