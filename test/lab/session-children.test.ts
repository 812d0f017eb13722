import {readFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {powerShellCall} from '../../source/agent/powershell-call.ts';
import {aLab, aStranger, taskFile, untilEvent} from '../support/a-lab.ts';

const utility = String.raw`C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe`;

/** How `-upgrade` is begun by whoever is connected. */
const ways = {
	'by the session itself': () => `"${utility}" -upgrade C:\\p.dmupgrade`,
	'by a scheduled task': () => 'schtasks.exe /run /tn upgrade',
	'by the management service': () => {
		const {program, args} = powerShellCall(
			`Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{CommandLine = '"${utility}" -upgrade C:\\p.dmupgrade'}`,
		);
		return [program, ...args].join(' ');
	},
};

describe('when an SSH connection ends, an upgrade that was begun', () => {
	test.each([
		['by the session itself', 'killed'],
		['by a scheduled task', 'succeeded'],
		['by the management service', 'succeeded'],
	] as const)('%s is %s', async (way, outcome) => {
		const lab = await aLab({speed: 400});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await stranger.upload('/C:/p.dmupgrade', await readFile(lab.packages.full));
		await stranger.upload('/C:/task.xml', taskFile('-upgrade C:\\p.dmupgrade'));
		await stranger.run(String.raw`schtasks.exe /create /tn upgrade /xml C:\task.xml /f`);
		void stranger.run(ways[way]());
		await untilEvent(lab, 'service-stopping');
		stranger.close();
		await untilEvent(lab, 'upgrade-ended');
		expect(lab.events.find(({event}) => event === 'upgrade-ended')?.detail['outcome']).toBe(outcome);
	});
});

test('a process that the management service began can be found among all others, until it ends', async () => {
	const lab = await aLab({speed: 400});
	const stranger = await aStranger(lab.inventory.agents[0]!);
	await stranger.upload('/C:/p.dmupgrade', await readFile(lab.packages.full));
	const count = async () => {
		const {program, args} = powerShellCall(
			`[string]@(Get-CimInstance -ClassName Win32_Process -Filter "Name = 'SLTaskbarUtility.exe'" | Where-Object {([string]$_.CommandLine).ToLowerInvariant().Contains('c:\\p.dmup')}).Count`,
		);
		return (await stranger.run([program, ...args].join(' '))).stdout.trim();
	};
	expect(await count()).toBe('0');
	expect((await stranger.run(ways['by the management service']())).stdout.trim()).toBe('0');
	expect(await count()).toBe('1');
	await untilEvent(lab, 'program-ended SLTaskbarUtility.exe');
	expect(await count()).toBe('0');
});

test('a program that is not there is not begun', async () => {
	const lab = await aLab();
	const stranger = await aStranger(lab.inventory.agents[0]!);
	const {program, args} = powerShellCall(
		"Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{CommandLine = 'C:\\nothing.exe'}",
	);
	expect((await stranger.run([program, ...args].join(' '))).stdout.trim()).toBe('9');
});
