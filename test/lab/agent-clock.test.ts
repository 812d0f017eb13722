import {describe, expect, test} from 'vitest';
import type {Stats} from 'ssh2';
import {type Stranger, aLab, aStranger, launchUpgrade, untilEvent} from '../support/a-lab.ts';

const hours = (count: number) => count * 60 * 60 * 1000;
/** So far may a time be from the one that was asked for, in milliseconds. */
const leeway = 60_000;

const utcNow = `powershell.exe -NoProfile -Command "[DateTime]::UtcNow.ToString('o')"`;

function stat(stranger: Stranger, path: string): Promise<Stats> {
	return new Promise((resolve, reject) => {
		stranger.sftp.stat(path, (error, facts) => (error ? reject(error) : resolve(facts)));
	});
}

function ahead(time: number): number {
	// Without the zero it may be the negative one.
	return Math.round((time - Date.now()) / leeway) * leeway + 0;
}

describe.each([
	['clock-is-fast', hours(7)],
	['clock-is-slow', hours(-7)],
] as const)('%s', (fault, by) => {
	test('is what the Agent itself, its files and its logs tell', async () => {
		const lab = await aLab({agents: 2, faults: [`${fault}@DMA-01`]});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		const now = (await stranger.run(utcNow)).stdout.trim();
		expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
		expect(ahead(Date.parse(now.replace(/\d{4}Z$/, 'Z')))).toBe(by);

		await stranger.upload('/C:/file.txt', Buffer.from('text'));
		expect(ahead((await stat(stranger, '/C:/file.txt')).mtime * 1000)).toBe(by);

		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'version-stamped');
		const folder = String(lab.events.find(({event}) => event === 'upgrade-started')?.detail['folder']);
		const log = await stranger.read(`/${folder.replaceAll('\\', '/')}/progress.log`);
		const history = await stranger.read('/C:/Skyline DataMiner/Upgrades/VersionHistory.txt');
		for (const text of [log.split('|')[1], history.trimEnd().split('\r\n').at(-1)?.split(';')[0]]) {
			expect(ahead(Date.parse(text ?? ''))).toBe(by);
		}

		const other = await aStranger(lab.inventory.agents[1]!);
		expect(ahead(Date.parse((await other.run(utcNow)).stdout.trim()))).toBe(0);
	});

	test('leaves a time as it was set', async () => {
		const lab = await aLab({faults: [`${fault}@DMA-01`]});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await stranger.upload('/C:/file.txt', Buffer.from('text'));
		await new Promise<void>((resolve, reject) => {
			stranger.sftp.utimes('/C:/file.txt', 1_700_000_000, 1_700_000_000, error =>
				error ? reject(error) : resolve(),
			);
		});
		expect((await stat(stranger, '/C:/file.txt')).mtime).toBe(1_700_000_000);
	});

	test('goes away when somebody sets the clock', async () => {
		const lab = await aLab({faults: [`${fault}@DMA-01`]});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await lab.clear(`${fault}@DMA-01`);
		expect(ahead(Date.parse((await stranger.run(utcNow)).stdout.trim()))).toBe(0);
	});
});

test('the PowerShell of the lab says what it does not know', async () => {
	const lab = await aLab();
	const stranger = await aStranger(lab.inventory.agents[0]!);
	const {exitCode, stderr} = await stranger.run('powershell.exe -Command "Get-Process"');
	expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Get-Process')]);
});
