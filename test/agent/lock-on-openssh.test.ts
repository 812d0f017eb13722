import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe} from 'vitest';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';
import {testAgentLock} from '../support/agent-lock-contract.ts';
import {type Sshd, sshdIsMissing, startSshd} from '../support/sshd.ts';

describe.skipIf(sshdIsMissing())('the lock on a real OpenSSH server', () => {
	let sshd: Sshd;
	const opened: DataMinerAgent[] = [];

	beforeAll(async () => {
		sshd = await startSshd();
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map(agent => agent.close()));
	});
	afterAll(() => sshd.stop());

	testAgentLock(
		() => {
			const machine = new SshMachine(sshd.options());
			const agent = new DataMinerAgent({agent: 'DMA-01', machine, clock: systemClock});
			opened.push(agent);
			return Promise.resolve(agent);
		},
		() => join(sshd.drive, 'ProgramData', 'dms-upgrade'),
	);
});
