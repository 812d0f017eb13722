import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {formatLabTest} from '../../source/lab/lab-test.ts';
import {aLab, aStranger, eventsOn, taskFile, untilEvent} from '../support/a-lab.ts';
import type {LabOptions} from '../../source/lab/lab.ts';

async function session(options: LabOptions = {}) {
	const lab = await aLab(options);
	return {lab, stranger: await aStranger(lab.inventory.agents[0]!)};
}

const utility = String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe"`;
const executor = String.raw`"C:\Skyline DataMiner\Tools\StandaloneBpaExecutor\StandaloneBpaExecutor.exe"`;

describe('sc', () => {
	test('shows a service in the format of Windows', async () => {
		const {stranger} = await session();
		const {stdout, exitCode} = await stranger.run('sc queryex sldataminer');
		expect(exitCode).toBe(0);
		expect(stdout.replace(/PID( +): \d+/, 'PID$1: 4242')).toBe(
			[
				'',
				'SERVICE_NAME: SLDataMiner ',
				'        TYPE               : 10  WIN32_OWN_PROCESS  ',
				'        STATE              : 4  RUNNING ',
				'                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)',
				'        WIN32_EXIT_CODE    : 0  (0x0)',
				'        SERVICE_EXIT_CODE  : 0  (0x0)',
				'        CHECKPOINT         : 0x0',
				'        WAIT_HINT          : 0x0',
				'        PID                : 4242',
				'        FLAGS              : ',
				'',
			].join('\r\n'),
		);
	});

	test('knows no other services', async () => {
		const {stranger} = await session();
		expect(await stranger.run('sc.exe queryex Nothing')).toMatchObject({
			exitCode: 1060,
			stdout: expect.stringContaining('FAILED 1060') as string,
		});
	});
});

describe('fsutil', () => {
	test('has less free space after an upload, and hardly any with the fault', async () => {
		const {lab, stranger} = await session();
		const free = async () => {
			const {stdout} = await stranger.run('fsutil.exe volume diskfree C:');
			expect(stdout.trim().split('\r\n')).toHaveLength(3);
			return Number(/: +([\d,]+)/.exec(stdout)?.[1]?.replaceAll(',', ''));
		};
		const before = await free();
		await stranger.upload('/C:/some', Buffer.alloc(50_000));
		expect(before - (await free())).toBe(50_000);
		await lab.inject('disk-almost-full@DMA-01');
		expect(await free()).toBeLessThan(200 * 1024 ** 2);
	});
});

describe('certutil', () => {
	test('hashes the bytes that are there', async () => {
		const {stranger} = await session();
		const content = Buffer.from('a package, more or less');
		await stranger.upload('/C:/with blank.dmupgrade', content);
		const {stdout, exitCode} = await stranger.run(
			String.raw`certutil.exe -hashfile "C:\with blank.dmupgrade" SHA256`,
		);
		expect(exitCode).toBe(0);
		expect(stdout.split('\r\n')).toEqual([
			String.raw`SHA256 hash of C:\with blank.dmupgrade:`,
			createHash('sha256').update(content).digest('hex'),
			'CertUtil: -hashfile command completed successfully.',
			'',
		]);
		expect((await stranger.run(String.raw`certutil.exe -hashfile C:\missing SHA256`)).exitCode).toBe(
			0x80_07_00_02,
		);
	});
});

describe('schtasks', () => {
	const create = String.raw`schtasks.exe /create /tn "dms-upgrade 1" /xml "C:\task.xml"`;
	const query = 'schtasks.exe /query /tn "dms-upgrade 1" /fo CSV /nh /v';
	const fields = (csv: string) => csv.trim().slice(1, -1).split('","');

	test('runs a task that outlives the connection', async () => {
		const {lab, stranger} = await session({speed: 20});
		await stranger.upload('/C:/task.xml', taskFile('-stop'));
		expect(await stranger.run(`${create} /f`)).toMatchObject({exitCode: 0});
		expect(fields((await stranger.run(query)).stdout).slice(1, 7)).toEqual([
			'\\dms-upgrade 1',
			'N/A',
			'Ready',
			'Interactive/Background',
			'11/30/1999 12:00:00 AM',
			'267011',
		]);
		expect(await stranger.run('schtasks.exe /run /tn "dms-upgrade 1"')).toMatchObject({exitCode: 0});
		expect(fields((await stranger.run(query)).stdout)).toMatchObject({
			3: 'Running',
			6: '267009',
			14: 'SYSTEM',
		});
		stranger.close();
		await untilEvent(lab, 'task-ended');
		const again = await aStranger(lab.inventory.agents[0]!);
		expect(fields((await again.run(query)).stdout)).toMatchObject({3: 'Ready', 6: '0'});
		expect(await again.run('schtasks.exe /delete /tn "dms-upgrade 1" /f')).toMatchObject({exitCode: 0});
		expect(await again.run(query)).toMatchObject({
			exitCode: 1,
			stderr: 'ERROR: The system cannot find the file specified.\r\n',
		});
		expect(eventsOn(lab, 'DMA-01')).toContain('service-stopped SLDataMiner');
	});

	test('refuses a task file that Windows would refuse', async () => {
		const {stranger} = await session();
		const good = taskFile('-stop').toString('utf16le', 2);
		const bad = {
			encoding: Buffer.from(good, 'utf8'),
			namespace: Buffer.from(`\uFEFF${good.replace('/mit/task', '/mit/other')}`, 'utf16le'),
			command: Buffer.from(`\uFEFF${good.replace(/<Command>.*<\/Command>/, '')}`, 'utf16le'),
			cut: Buffer.from(`\uFEFF${good.slice(0, -20)}`, 'utf16le'),
		};
		for (const content of Object.values(bad)) {
			await stranger.upload('/C:/task.xml', content);
			const {exitCode, stderr} = await stranger.run(`${create} /f`);
			expect({exitCode, stderr}).toEqual({
				exitCode: 1,
				stderr: expect.stringMatching(/^ERROR: The task XML/) as string,
			});
		}

		expect((await stranger.run(String.raw`schtasks.exe /create /tn x /xml C:\nothing.xml /f`)).exitCode).toBe(
			1,
		);
	});

	test('replaces a task only when forced', async () => {
		const {stranger} = await session();
		await stranger.upload('/C:/task.xml', taskFile('-stop'));
		await stranger.run(create);
		expect((await stranger.run(create)).exitCode).toBe(1);
		expect((await stranger.run(`${create} /f`)).exitCode).toBe(0);
	});
});

describe('SLTaskbarUtility', () => {
	test('stops, starts and restarts DataMiner, which takes its time to come up', async () => {
		const {lab, stranger} = await session({speed: 100});
		const state = async () => /STATE +: (\d)/.exec((await stranger.run('sc.exe queryex SLNet')).stdout)?.[1];
		const processId = async () =>
			/PID +: (\d+)/.exec((await stranger.run('sc.exe queryex SLDataMiner')).stdout)?.[1];
		const before = await processId();
		expect((await stranger.run(`${utility} -stop`)).exitCode).toBe(0);
		expect(await state()).toBe('1');
		expect(await processId()).toBe('0');
		expect((await stranger.run(`${utility} -start`)).exitCode).toBe(0);
		expect(await state()).toBe('2');
		await untilEvent(lab, 'service-running SLDataMiner');
		expect(await state()).toBe('4');
		expect(await processId()).not.toBe(before);
		expect((await stranger.run(`${utility} -restart`)).exitCode).toBe(0);
		expect(await state()).toBe('2');
		expect(eventsOn(lab, 'DMA-01').filter(event => event.endsWith('SLDataMiner'))).toEqual([
			'service-stopping SLDataMiner',
			'service-stopped SLDataMiner',
			'service-starting SLDataMiner',
			'service-running SLDataMiner',
			'service-stopping SLDataMiner',
			'service-stopped SLDataMiner',
			'service-starting SLDataMiner',
		]);
	});

	test('leaves SLWatchDog alone', async () => {
		const {stranger} = await session();
		await stranger.run(`${utility} -stop`);
		expect((await stranger.run('sc.exe queryex SLWatchDog')).stdout).toContain('RUNNING');
	});

	test('refuses packages and files that are none', async () => {
		const {stranger} = await session();
		await stranger.upload('/C:/no.dmupgrade', Buffer.from('no zip'));
		const refused = await stranger.run(String.raw`${utility} -upgrade C:\no.dmupgrade`);
		expect(refused.exitCode).toBe(1);
		expect(refused.stderr).not.toBe('');
		expect((await stranger.run(String.raw`${utility} -upgrade C:\missing.dmupgrade`)).exitCode).toBe(1);
		expect(
			(await stranger.run(String.raw`${utility} -upgrade C:\no.dmupgrade C:\no.dmupgrade`)).stderr,
		).toContain('is no UpgradeInfo.xml');
	});
});

describe('StandaloneBpaExecutor', () => {
	test('runs a test and writes its result', async () => {
		const {lab, stranger} = await session();
		await stranger.upload(
			'/C:/VerifyThis.dll',
			Buffer.from(formatLabTest({outcome: 'NoIssues', message: 'Fine.'})),
		);
		await stranger.run(String.raw`${executor} -f C:\result.json --"C:\VerifyThis.dll"`);
		expect(JSON.parse(await stranger.read('/C:/result.json'))).toMatchObject([
			{TestName: 'VerifyThis', Outcome: 'NoIssues', ResultMessage: 'Fine.'},
		]);
		expect(eventsOn(lab, 'DMA-01')).toContain('prerequisite-run VerifyThis');
	});

	test.each([
		['10.5.12.0-16797-20260112-release', 0],
		['10.6.7.0-17001-20260901-release', 2],
	])('has exit codes that tell something only from 10.6.7 on (%s)', async (version, expected) => {
		const {stranger} = await session({version});
		await stranger.upload(
			'/C:/V.dll',
			Buffer.from(formatLabTest({outcome: 'IssuesDetected', message: 'Bad.'})),
		);
		expect((await stranger.run(String.raw`${executor} -f C:\r.json --C:\V.dll`)).exitCode).toBe(expected);
	});

	test('tells an error of a DLL that it cannot load', async () => {
		const {stranger} = await session();
		await stranger.upload('/C:/Real.dll', Buffer.from([0x4d, 0x5a, 0x90]));
		await stranger.run(String.raw`${executor} -f C:\r.json --C:\Real.dll`);
		expect(JSON.parse(await stranger.read('/C:/r.json'))).toMatchObject([{Outcome: 'Error'}]);
	});
});

describe('SwitchOver', () => {
	const roles = async (stranger: Awaited<ReturnType<typeof aStranger>>) =>
		[
			...(await stranger.read('/C:/Skyline DataMiner/Logging/SLFailover.txt')).matchAll(
				/Failover Status => (.+)\r/g,
			),
		].map(match => match[1]);

	test('lets the offline Agent of a pair take over from its partner', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const [, main, backup] = await Promise.all(lab.inventory.agents.map(async agent => aStranger(agent)));
		expect([await roles(main!), await roles(backup!)]).toEqual([
			['Preparing to go online', 'Online'],
			['Offline'],
		]);
		expect(lab.inventory.agents[2]?.switchOver).toEqual([String.raw`C:\Lab\SwitchOver.exe`]);
		expect((await backup!.run(String.raw`C:\Lab\SwitchOver.exe`)).exitCode).toBe(0);
		expect(await roles(main!)).toEqual(['Preparing to go online', 'Online', 'Offline']);
		expect(await roles(backup!)).toEqual(['Offline', 'Preparing to go online', 'Online']);
		// Never two online at the same time.
		expect(
			lab.events
				.filter(event => event.event === 'role-changed')
				.map(({agent, detail}) => `${agent} ${detail['role']}`),
		).toEqual(['DMA-02B going online', 'DMA-02A offline', 'DMA-02B online']);
	});

	test('fails while DataMiner does not run on both sides, and on an Agent without partner', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const [single, main, backup] = await Promise.all(
			lab.inventory.agents.map(async agent => aStranger(agent)),
		);
		await main!.run(`${utility} -stop`);
		expect(await backup!.run(String.raw`C:\Lab\SwitchOver.exe`)).toMatchObject({
			exitCode: 1,
			stderr: 'DataMiner does not run on DMA-02A.\r\n',
		});
		expect(await roles(backup!)).toEqual(['Offline']);
		expect((await single!.run(String.raw`C:\Lab\SwitchOver.exe`)).exitCode).toBe(1);
	});
});
