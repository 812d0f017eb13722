import {readFile, readdir} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {aLab, aStranger, eventsOn, launchUpgrade, untilEvent, upgradeInfo} from '../support/a-lab.ts';
import type {Stranger} from '../support/a-lab.ts';

async function session(options: LabOptions = {}) {
	const lab = await aLab(options);
	return {lab, stranger: await aStranger(lab.inventory.agents[0]!)};
}

async function newestFolder(lab: Lab, agent = 'DMA-01'): Promise<string> {
	const packages = path.join(lab.folder, agent, 'C', 'Skyline DataMiner', 'Upgrades', 'Packages');
	const names = await readdir(packages);
	return path.join(
		packages,
		names.find(name => !name.includes('10.5.12'))!,
	);
}

async function progress(stranger: Stranger, lab: Lab, agent = 'DMA-01'): Promise<readonly string[]> {
	const name = path.basename(await newestFolder(lab, agent));
	const text = await stranger.read(`/C:/Skyline DataMiner/Upgrades/Packages/${name}/progress.log`);
	return text.trimEnd().split('\r\n');
}

async function history(stranger: Stranger): Promise<readonly string[]> {
	return (await stranger.read('/C:/Skyline DataMiner/Upgrades/VersionHistory.txt')).trimEnd().split('\r\n');
}

describe('a full package', () => {
	test('brings a new line of VersionHistory.txt at the first start after it', async () => {
		const {lab, stranger} = await session();
		expect((await history(stranger)).at(-1)).toMatch(/;10\.5\.12\.0\(CU2\)-16797-20260112-release$/);
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'upgrade-ended');
		await untilEvent(lab, 'service-running SLDataMiner');
		expect(await history(stranger)).toHaveLength(4);
		expect((await history(stranger)).at(-1)).toMatch(
			/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d;10\.6\.0\.0-16840-\d{8}-release$/,
		);
		const order = eventsOn(lab, 'DMA-01').map(event => event.replace(/ DataMiner 10.*$/, ''));
		const steps = [
			'upgrade-started',
			'service-stopped SLDataMiner',
			'service-starting SLDataMiner',
			'upgrade-ended',
		];
		expect(
			steps.map(step => order.indexOf(step)).every((at, index, all) => at > (all[index - 1] ?? -1)),
		).toBe(true);
		expect(order.lastIndexOf('service-running SLDataMiner')).toBeGreaterThan(
			order.indexOf('version-stamped 10.6.0.0'),
		);
	});

	test('runs every prerequisite first and leaves nothing but its log', async () => {
		const {lab, stranger} = await session();
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'upgrade-ended');
		const events = eventsOn(lab, 'DMA-01');
		const tests = events.filter(event => event.startsWith('prerequisite-run'));
		expect(tests).toContain('prerequisite-run VerifyClusterPorts');
		expect(events.lastIndexOf(tests.at(-1)!)).toBeLessThan(events.indexOf('service-stopping SLDataMiner'));
		expect(await readdir(await newestFolder(lab))).toEqual(['progress.log']);
		expect(path.basename(await newestFolder(lab))).toMatch(
			/^DataMiner 10\.6\.0\.0-16840 Full Upgrade\.dmupgrade-[\da-f]{32}$/,
		);
		const lines = await progress(stranger, lab);
		expect(lines.every(line => /^127\.[\d.]+\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\|[a-z]+\|./.test(line))).toBe(
			true,
		);
		expect(lines.slice(-2).map(line => line.split('|').slice(2).join('|'))).toEqual([
			'success|The upgrade of this Agent has succeeded.',
			'finished|Finished.',
		]);
	});

	test('is in the packages folder while it is carried out', async () => {
		const {lab, stranger} = await session({speed: 100});
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'service-stopped');
		expect(await readdir(await newestFolder(lab))).toContain(
			'DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade',
		);
	});

	test('is killed with the connection when no task runs it, and leaves DataMiner down', async () => {
		const {lab, stranger} = await session({speed: 100});
		await stranger.upload('/C:/p.dmupgrade', await readFile(lab.packages.full));
		const utility = String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe"`;
		void stranger.run(String.raw`${utility} -upgrade C:\p.dmupgrade`);
		await untilEvent(lab, 'service-stopped');
		stranger.close();
		await untilEvent(lab, 'upgrade-ended');
		expect(lab.events.find(event => event.event === 'upgrade-ended')?.detail['outcome']).toBe('killed');
		const again = await aStranger(lab.inventory.agents[0]!);
		expect((await again.run('sc.exe queryex SLDataMiner')).stdout).toContain('STOPPED');
		expect((await progress(again, lab)).at(-1)).not.toContain('|finished|');
		expect((await again.run(`${utility} -start`)).stderr).toContain('disabled');
	});

	test('does not start DataMiner, nor stamp the version, where the options say so', async () => {
		const {lab, stranger} = await session();
		await launchUpgrade(stranger, lab.packages.full, upgradeInfo({AutomaticStartServices: 'false'}));
		await untilEvent(lab, 'task-ended');
		expect(eventsOn(lab, 'DMA-01')).not.toContain('service-starting SLDataMiner');
		expect(await history(stranger)).toHaveLength(3);
		const utility = String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe"`;
		await stranger.run(`${utility} -start`);
		await untilEvent(lab, 'service-running SLDataMiner');
		await untilEvent(lab, 'version-stamped');
		expect(await history(stranger)).toHaveLength(4);
	});

	test('reboots Windows afterwards where the options say so', async () => {
		const {lab, stranger} = await session({speed: 300});
		await launchUpgrade(
			stranger,
			lab.packages.full,
			upgradeInfo({RebootAfterUpgrade: 'true', StopSNMP: 'true'}),
		);
		await untilEvent(lab, 'reboot-started');
		await stranger.ended;
		await expect(aStranger(lab.inventory.agents[0]!)).rejects.toThrow(/ECONNREFUSED/);
		await untilEvent(lab, 'version-stamped');
		const again = await aStranger(lab.inventory.agents[0]!);
		expect(await history(again)).toHaveLength(4);
		const events = eventsOn(lab, 'DMA-01').map(event => event.replace(/ DataMiner 10.*$/, ''));
		expect(events.indexOf('upgrade-ended')).toBeLessThan(events.indexOf('reboot-started'));
		expect(events.indexOf('service-starting SLDataMiner')).toBeGreaterThan(events.indexOf('reboot-ended'));
		expect(events).toContain('service-stopped SNMP');
	});

	test('is not begun while another one goes on', async () => {
		const {lab, stranger} = await session({speed: 100});
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'upgrade-started');
		const utility = String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe"`;
		const refused = await stranger.run(
			String.raw`${utility} -upgrade "C:\Staging\DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade"`,
		);
		expect(refused).toMatchObject({exitCode: 1});
		expect(refused.stderr).toContain('DataMiner is currently upgrading');
	});

	test('whose prerequisite fails changes nothing', async () => {
		const {lab, stranger} = await session();
		await launchUpgrade(stranger, lab.packages.failing);
		await untilEvent(lab, 'task-ended');
		expect(lab.events.find(event => event.event === 'task-ended')?.detail['result']).toBe(1);
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('service-'))).toEqual([]);
		const lines = (await progress(stranger, lab)).map(line => line.split('|').slice(2).join('|'));
		expect(lines).toContain(
			'error|    - Prerequisite VerifyNoAnnotations.dll failed: The soft-launch option LegacyAnnotations is enabled. Disable it before upgrading.',
		);
		expect(lines.at(-1)).toBe('error|Upgrade failed: One or more prerequisites failed');
		expect(await readdir(await newestFolder(lab))).toContain(
			'PreRequisite-Result-VerifyNoAnnotations.dll.json',
		);
	});
});

describe('other packages', () => {
	test('a web package restarts the web server and nothing else', async () => {
		const {lab, stranger} = await session();
		await launchUpgrade(stranger, lab.packages.web);
		await untilEvent(lab, 'task-ended');
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('service-'))).toEqual([
			'service-stopped W3SVC',
			'service-running W3SVC',
		]);
		expect(await history(stranger)).toHaveLength(3);
	});

	test('a tool package restarts nothing', async () => {
		const {lab, stranger} = await session();
		await launchUpgrade(stranger, lab.packages.tool);
		await untilEvent(lab, 'task-ended');
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('service-'))).toEqual([]);
		expect(await history(stranger)).toHaveLength(3);
		expect((await progress(stranger, lab)).at(-1)).toContain('|finished|');
	});
});

describe('an upgrade of the whole cluster', () => {
	const started = (lab: Lab) =>
		lab.events.filter(
			event => event.event === 'service-stopping' && event.detail['service'] === 'SLDataMiner',
		);

	test('upgrades all Agents at once and relays their progress to where it was launched', async () => {
		const lab = await aLab({agents: 4, pairs: 1});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await launchUpgrade(stranger, lab.packages.full, upgradeInfo({IsCluster: 'true'}));
		await untilEvent(lab, 'task-ended');
		expect(lab.events.find(event => event.event === 'task-ended')?.detail['result']).toBe(0);
		expect(new Set(started(lab).map(event => event.agent)).size).toBe(4);
		const addresses = new Set((await progress(stranger, lab)).map(line => line.split('|')[0]));
		expect(addresses).toEqual(new Set(lab.inventory.agents.map(agent => agent.address)));
		expect((await progress(stranger, lab)).at(-1)).toContain('|finished|');
	});

	test('upgrades the backup Agent first and switches back where the policy says so', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await launchUpgrade(
			stranger,
			lab.packages.full,
			upgradeInfo({IsCluster: 'true', FailoverPolicy: 'BackupFirstWithSwitchback'}),
		);
		await untilEvent(lab, 'task-ended');
		expect(started(lab)[0]?.agent).toBe('DMA-02B');
		const order = lab.events
			.filter(event => event.event === 'role-changed' || started(lab).includes(event))
			.map(event => `${event.agent} ${event.detail['role'] ?? 'upgrades'}`);
		expect(order[0]).toBe('DMA-02B upgrades');
		expect(order.slice(1, 4)).toEqual(['DMA-02B going online', 'DMA-02A offline', 'DMA-02B online']);
		expect(order.slice(4, 6).sort()).toEqual(['DMA-01 upgrades', 'DMA-02A upgrades']);
		expect(order.slice(6)).toEqual(['DMA-02A going online', 'DMA-02B offline', 'DMA-02A online']);
	});

	test('is not begun where one Agent cannot be reached', async () => {
		const lab = await aLab({agents: 2, pairs: 0, faults: ['unreachable@DMA-02']});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await launchUpgrade(stranger, lab.packages.full, upgradeInfo({IsCluster: 'true'}));
		await untilEvent(lab, 'task-ended');
		expect(lab.events.find(event => event.event === 'task-ended')?.detail['result']).toBe(1);
		expect(started(lab)).toEqual([]);
	});
});
