import {expect, test} from 'vitest';
import {parseFailoverLog} from '../../source/agent/failover-log.ts';

const line = (status: string) =>
	`2023/12/22 14:49:56.886|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => ${status}\r\n`;
const other =
	"2023/12/22 14:50:01.000|SLNet.exe|ForceOtherAgentsToOffline|INF|0|67|Failed setting state for '172.18.206.132' to Offline: 172.18.206.132 ignored request: All heartbeat paths are failing. Preventing ping-pong.\r\n";

test('the newest status is the role', () => {
	expect(parseFailoverLog(line('Offline') + line('Online') + other)).toEqual({
		role: 'online',
		switching: false,
	});
	expect(parseFailoverLog(line('Online') + line('Offline'))).toEqual({role: 'offline', switching: false});
});

test('a status in which no Agent stays is a switch that is going on', () => {
	expect(parseFailoverLog(line('Offline') + line('Preparing to go online'))).toEqual({
		role: 'unknown',
		switching: true,
	});
});

test('a log without a status says nothing', () => {
	expect(parseFailoverLog(other)).toEqual({role: 'unknown', switching: false});
	expect(parseFailoverLog('')).toEqual({role: 'unknown', switching: false});
});
