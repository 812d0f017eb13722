import {access, readFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test} from 'vitest';
import type {LabEvent} from '../../source/lab/events.ts';
import type {FaultName} from '../../source/lab/faults.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {aLab, aStranger, eventsOn, launchUpgrade, untilEvent} from '../support/a-lab.ts';
import {eventually} from '../support/eventually.ts';

/** A lab on whose one Agent an upgrade was launched that meets this fault. */
async function launched(fault: FaultName, speed = 2000): Promise<Lab> {
	const lab = await aLab({speed, faults: [`${fault}@DMA-01`]});
	const stranger = await aStranger(lab.inventory.agents[0]!);
	await launchUpgrade(stranger, lab.packages.full);
	return lab;
}

function realPath(lab: Lab, windowsPath: string): string {
	return path.join(lab.folder, 'DMA-01', windowsPath.replace(':', '').replaceAll('\\', '/'));
}

function upgradeFolder(lab: Lab): string {
	return realPath(lab, String(lab.events.find(({event}) => event === 'upgrade-started')?.detail['folder']));
}

/** The lines of the log without Agent and time. */
async function log(lab: Lab, name = 'progress.log'): Promise<readonly string[]> {
	const text = await readFile(path.join(upgradeFolder(lab), name), 'utf8');
	return text
		.trimEnd()
		.split('\r\n')
		.map(line => line.split('|').slice(2).join('|'));
}

const stamps = (lab: Lab) =>
	readFile(realPath(lab, String.raw`C:\Skyline DataMiner\Upgrades\VersionHistory.txt`), 'utf8');

/** How DataMiner came and went, in order. */
function states(lab: Lab): readonly string[] {
	return eventsOn(lab, 'DMA-01').flatMap(event => /^service-(\w+) SLDataMiner$/.exec(event)?.[1] ?? []);
}

function between(lab: Lab, first: LabEvent['event'], second: LabEvent['event']): number {
	const at = (name: string) => Date.parse(lab.events.find(({event}) => event === name)?.at ?? '');
	return (at(second) - at(first)) / 1000;
}

const failure =
	'error|Upgrade failed: UpgradeAction failed:System.ArgumentException: An item with the same key has already been added.';

test('stays-old ends well in the log, and the old version comes up', async () => {
	const lab = await launched('stays-old');
	await untilEvent(lab, 'service-running SLDataMiner');
	expect((await log(lab)).at(-1)).toBe('finished|Finished.');
	expect(await stamps(lab)).not.toContain('16840');
	expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('version-stamped'))).toEqual([]);
});

test('flaps lets DataMiner run and restart three times before it stays up', async () => {
	const lab = await launched('flaps');
	const runs = () => states(lab).filter(state => state === 'running').length;
	await eventually(() => runs() === 4);
	expect((await log(lab)).at(-1)).toBe('finished|Finished.');
	// Once, at the first start: the version is the new one all the while.
	expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('version-stamped'))).toHaveLength(1);
});

test('falls-out lets DataMiner run well for a while and then end', async () => {
	const lab = await launched('falls-out');
	await untilEvent(lab, 'service-running SLDataMiner');
	expect(await stamps(lab)).toContain('16840');
	await eventually(() => states(lab).at(-1) === 'stopped');
	expect(states(lab).slice(-2)).toEqual(['running', 'stopped']);
});

test('fails-after-success says first that it succeeded, then that it failed, and DataMiner stays down', async () => {
	const lab = await launched('fails-after-success');
	await untilEvent(lab, 'task-ended');
	expect((await log(lab)).slice(-3)).toEqual([
		'success|The upgrade of this Agent has succeeded.',
		'step|Executing on-failure steps due to failure...',
		failure,
	]);
	expect(states(lab)).not.toContain('running');
	expect(await stamps(lab)).not.toContain('16840');
});

test('fails-while-running says that it failed when DataMiner runs on the new version already', async () => {
	const lab = await launched('fails-while-running');
	await untilEvent(lab, 'service-running SLDataMiner');
	expect(await log(lab)).toContain('finished|Finished.');
	await eventually(async () => (await log(lab)).at(-1) === failure);
	expect(await stamps(lab)).toContain('16840');
	expect(states(lab).at(-1)).toBe('running');
});

test('runs-after-failure ends with a failure, and DataMiner runs on the new version', async () => {
	const lab = await launched('runs-after-failure');
	await untilEvent(lab, 'service-running SLDataMiner');
	expect((await log(lab)).at(-1)).toBe(failure);
	expect(await log(lab)).not.toContain('finished|Finished.');
	expect(await stamps(lab)).toContain('16840');
});

test.each([
	['reboots', 110, 2000],
	['reboots-for-long', 25 * 60, 2000],
	['reboots-for-too-long', 3 * 60 * 60, 5000],
] as const)(
	'%s keeps everybody out for %i s of its time, and the upgrade goes on',
	async (fault, seconds, speed) => {
		const lab = await launched(fault, speed);
		await untilEvent(lab, 'reboot-started');
		await expect(aStranger(lab.inventory.agents[0]!)).rejects.toThrow(/ECONNREFUSED/);
		await untilEvent(lab, 'version-stamped');
		// Timers may be early by a millisecond.
		expect((between(lab, 'reboot-started', 'reboot-ended') + 0.002) * speed).toBeGreaterThanOrEqual(seconds);
		expect((await log(lab)).at(-1)).toBe('finished|Finished.');
	},
);

test('log-truncated empties the log in the middle, which is then written on', async () => {
	const lab = await launched('log-truncated');
	await untilEvent(lab, 'task-ended');
	const lines = await log(lab);
	expect(lines.at(-1)).toBe('finished|Finished.');
	expect(lines.join('\n')).not.toContain('Starting upgrade thread');
});

test('log-rotated puts the log aside in the middle, and a new one is written', async () => {
	const lab = await launched('log-rotated');
	await untilEvent(lab, 'fault-bit log-rotated');
	await eventually(() =>
		access(path.join(upgradeFolder(lab), 'progress.log.1')).then(
			() => true,
			() => false,
		),
	);
	expect((await log(lab, 'progress.log.1'))[0]).toContain('Starting upgrade thread');
	await untilEvent(lab, 'task-ended');
	const lines = await log(lab);
	expect(lines.at(-1)).toBe('finished|Finished.');
	expect(lines.join('\n')).not.toContain('Starting upgrade thread');
});
