import {randomBytes} from 'node:crypto';
import {stat} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {UserError} from '../../source/domain/user-error.ts';
import {faultInfos, parseFault} from '../../source/lab/faults.ts';
import {formatLabTest} from '../../source/lab/lab-test.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import {aLab, aStranger, eventsOn, launchUpgrade, untilEvent} from '../support/a-lab.ts';
import type {Stranger} from '../support/a-lab.ts';

const agents = ['DMA-01', 'DMA-02'];

async function session(options: LabOptions = {}) {
	const lab = await aLab(options);
	return {lab, stranger: await aStranger(lab.inventory.agents[0]!)};
}

async function log(stranger: Stranger, folder: string): Promise<readonly string[]> {
	const text = await stranger.read(`/${folder.replaceAll('\\', '/')}/progress.log`);
	return text
		.trimEnd()
		.split('\r\n')
		.map(line => line.split('|').slice(2).join('|'));
}

describe('the name of a fault', () => {
	test.each(faultInfos.map(info => info.name))('%s is understood', name => {
		expect(parseFault(`${name}@DMA-02`, agents)).toEqual({name, agent: 'DMA-02'});
	});

	test.each(['reboots', 'explodes@DMA-01', 'reboots@DMA-99', '@DMA-01', 'reboots@'])(
		'%s is refused with what there is',
		text => {
			const refusal = (() => {
				try {
					return parseFault(text, agents);
				} catch (error) {
					return error;
				}
			})();
			expect(refusal).toBeInstanceOf(UserError);
			const {code, nextSteps} = refusal as UserError;
			expect(code).toBe('UNKNOWN_FAULT');
			expect(nextSteps.join('\n')).toContain('prerequisite-fails, reset-in-readiness');
			expect(nextSteps.join('\n')).toContain('DMA-01, DMA-02');
		},
	);

	test('is checked before a lab is started', async () => {
		await expect(aLab({faults: ['reboots@DMA-09']})).rejects.toMatchObject({code: 'UNKNOWN_FAULT'});
	});
});

describe('faults', () => {
	test('prerequisite-fails lets one test of the package fail until it is repaired', async () => {
		const {lab, stranger} = await session({faults: ['prerequisite-fails@DMA-01']});
		const fine = Buffer.from(formatLabTest({outcome: 'NoIssues', message: 'Fine.'}));
		await stranger.upload('/C:/VerifyClusterPorts.dll', fine);
		await stranger.upload('/C:/Another.dll', fine);
		const executor = String.raw`"C:\Skyline DataMiner\Tools\StandaloneBpaExecutor\StandaloneBpaExecutor.exe"`;
		const outcome = async (name: string) => {
			await stranger.run(`${executor} -f C:\\r.json --C:\\${name}.dll`);
			return /"Outcome": "(\w+)"/.exec(await stranger.read('/C:/r.json'))?.[1];
		};
		expect(await outcome('Another')).toBe('NoIssues');
		expect(await outcome('VerifyClusterPorts')).toBe('IssuesDetected');
		expect(await outcome('VerifyClusterPorts')).toBe('IssuesDetected');
		await lab.clear('prerequisite-fails@DMA-01');
		expect(await outcome('VerifyClusterPorts')).toBe('NoIssues');
	});

	test('prerequisite-fails also stops an upgrade before it begins', async () => {
		const {lab, stranger} = await session({faults: ['prerequisite-fails@DMA-01']});
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'task-ended');
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('service-'))).toEqual([]);
		expect(lab.events.find(event => event.event === 'upgrade-ended')?.detail['outcome']).toBe('failed');
	});

	test('reset-in-upload cuts one upload in the middle and keeps what had arrived', async () => {
		const {lab, stranger} = await session();
		await lab.inject('reset-in-upload@DMA-01');
		const content = randomBytes(2 * 1024 * 1024);
		await expect(stranger.upload('/C:/p.partial', content)).rejects.toThrow();
		await stranger.ended;
		await untilEvent(lab, 'connection-dropped');
		const {size} = await stat(path.join(lab.folder, 'DMA-01', 'C', 'p.partial'));
		expect(size).toBeGreaterThan(0);
		expect(size).toBeLessThan(content.length);
		const again = await aStranger(lab.inventory.agents[0]!);
		await again.upload('/C:/p.partial', content);
		expect((await stat(path.join(lab.folder, 'DMA-01', 'C', 'p.partial'))).size).toBe(content.length);
	});

	test('upgrade-fails ends one upgrade as documented and leaves DataMiner down', async () => {
		const {lab, stranger} = await session({faults: ['upgrade-fails@DMA-01']});
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'task-ended');
		const folder = String(lab.events.find(event => event.event === 'upgrade-started')?.detail['folder']);
		expect((await log(stranger, folder)).slice(-3)).toEqual([
			"notice|Executing 'dcomConfig.exe' failed: Not found in upgrades, tools, files or windows system dir",
			'step|Executing on-failure steps due to failure...',
			'error|Upgrade failed: Execute failed: Not found in upgrades, tools, files or windows system dir',
		]);
		expect((await stranger.run('sc.exe queryex SLDataMiner')).stdout).toContain('STOPPED');
		expect((await stranger.run('schtasks.exe /run /tn "dms-upgrade 1"')).exitCode).toBe(0);
		await untilEvent(lab, 'version-stamped');
	});

	test('reboots throws everybody out in mid-upgrade, and the upgrade goes on', async () => {
		const {lab, stranger} = await session({speed: 300, faults: ['reboots@DMA-01']});
		await launchUpgrade(stranger, lab.packages.full);
		await stranger.ended;
		await untilEvent(lab, 'reboot-started');
		await expect(aStranger(lab.inventory.agents[0]!)).rejects.toThrow(/ECONNREFUSED/);
		await untilEvent(lab, 'version-stamped');
		const again = await aStranger(lab.inventory.agents[0]!);
		const folder = String(lab.events.find(event => event.event === 'upgrade-started')?.detail['folder']);
		expect((await log(again, folder)).at(-1)).toBe('finished|Finished.');
		const order = eventsOn(lab, 'DMA-01').map(event => event.replace(/ DataMiner 10.*$/, ''));
		expect(order.indexOf('reboot-ended')).toBeLessThan(order.indexOf('service-starting SLDataMiner'));
		expect(order.indexOf('reboot-ended')).toBeLessThan(order.indexOf('upgrade-ended'));
		const {stdout} = await again.run('schtasks.exe /query /tn "dms-upgrade 1" /fo CSV /nh /v');
		expect(stdout).toContain('"1073807364"');
	});

	test('unreachable lets nobody in, from the beginning or later, until it is repaired', async () => {
		const lab = await aLab({agents: 2, faults: ['unreachable@DMA-02']});
		const [first, second] = lab.inventory.agents;
		await expect(aStranger(second!)).rejects.toThrow(/ECONNREFUSED/);
		const stranger = await aStranger(first!);
		await lab.inject({name: 'unreachable', agent: 'DMA-01'});
		await stranger.ended;
		await expect(aStranger(first!)).rejects.toThrow(/ECONNREFUSED/);
		await lab.clear('unreachable@DMA-01');
		expect((await (await aStranger(first!)).run('echo back')).stdout).toBe('back\r\n');
	});

	test('does-not-start leaves DataMiner starting until it is repaired', async () => {
		const {lab, stranger} = await session({speed: 10_000, faults: ['does-not-start@DMA-01']});
		const utility = String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe"`;
		await stranger.run(`${utility} -restart`);
		// Many times as long as a start takes.
		await lab.agents[0]!.time.pass(3000);
		expect((await stranger.run('sc.exe queryex SLDataMiner')).stdout).toContain('START_PENDING');
		await lab.clear('does-not-start@DMA-01');
		await untilEvent(lab, 'service-running SLDataMiner');
	});

	test('switch-over-fails leaves the roles as they were', async () => {
		const lab = await aLab({agents: 2, pairs: 1, faults: ['switch-over-fails@DMA-01B']});
		const backup = await aStranger(lab.inventory.agents[1]!);
		expect((await backup.run(String.raw`C:\Lab\SwitchOver.exe`)).exitCode).toBe(1);
		const text = await backup.read('/C:/Skyline DataMiner/Logging/SLFailover.txt');
		expect(text).toContain('NOT switching state: Cannot claim DataMiner Failover IP');
		expect(text.trimEnd()).toMatch(/Failover Status => Offline$/);
	});
});
