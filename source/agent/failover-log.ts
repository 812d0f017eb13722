import type {FailoverRole} from '../domain/agent.ts';
import {linesOf} from './file-text.ts';

export interface FailoverLog {
	readonly role: FailoverRole;
	/** The newest status is none in which an Agent stays, such as `Preparing to go online`. */
	readonly switching: boolean;
}

const statusLine = /\|Failover Status => (?<status>[^|]{1,100})$/;

/**
 * What the newest status line of `SLFailover.txt` says:
 * `2023/12/22 14:49:56.886|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => Offline`.
 * Source: KI_Failover_Agents_offline_after_upgrade.md
 */
export function parseFailoverLog(text: string): FailoverLog {
	const status = linesOf(text)
		.map(line => statusLine.exec(line)?.groups?.['status']?.trim().toLowerCase())
		.findLast(found => found !== undefined);
	const role = status === 'online' || status === 'offline' ? status : 'unknown';
	return {role, switching: status !== undefined && role === 'unknown'};
}
