import {readFileSync} from 'node:fs';
import {expect, onTestFinished, test} from 'vitest';
import type {LabOptions} from '../../../source/lab/lab.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {aLab} from '../../support/a-lab.ts';

type CodePage = 437 | 850 | 852 | 866 | 1252 | 65_001;

async function machineWith(codePage: CodePage, options: LabOptions = {}) {
	const lab = await aLab({software: {'DMA-01': {codePage}}, ...options});
	const [agent] = lab.inventory.agents;
	const machine = new SshMachine({...agent!, privateKey: readFileSync(agent!.identityFile)});
	onTestFinished(() => machine.close());
	const asked = () =>
		lab.events.filter(({event, detail}) => event === 'program-started' && detail['program'] === 'chcp.com')
			.length;
	return {machine, asked};
}

/** Answers that it does not know this word. */
const unknown = (word: string) => ({program: 'schtasks.exe', args: [word]});

test.each<[CodePage, string, string]>([
	[437, 'größe', 'größe'],
	[850, 'øl', 'øl'],
	[852, 'łódź', 'łódź'],
	[866, 'размер', 'размер'],
	[1252, 'größe €', 'größe €'],
	[65_001, '容量', '容量'],
	// What the console cannot write, it replaces itself.
	[437, '容量', '??'],
])('what programs write in code page %i is read so: %s', async (codePage, written, read) => {
	const {machine} = await machineWith(codePage);
	const {stdout, stderr} = await machine.run(unknown(written));
	expect(stdout + stderr).toContain(read);
	expect(stdout + stderr).not.toContain('\uFFFD');
});

test('the code page is asked for where something is not ASCII, and once', async () => {
	const {machine, asked} = await machineWith(850);
	await machine.run({program: 'hostname.exe', args: []});
	expect(asked()).toBe(0);
	await machine.run(unknown('größe'));
	await machine.run(unknown('größer'));
	expect(asked()).toBe(1);
});

test('it is asked for in PowerShell just so', async () => {
	const {machine} = await machineWith(850, {shell: 'pwsh'});
	const {stdout, stderr} = await machine.run(unknown('größe'));
	expect(stdout + stderr).toContain('größe');
});
