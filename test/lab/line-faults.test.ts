import {describe, expect, test} from 'vitest';
import {formatLabTest} from '../../source/lab/lab-test.ts';
import type {Lab} from '../../source/lab/lab.ts';
import type {LineMoment} from '../../source/lab/line-faults.ts';
import {type Stranger, aLab, aStranger, eventsOn, launchUpgrade, untilEvent} from '../support/a-lab.ts';
import {eventually} from '../support/eventually.ts';

const executor = String.raw`"C:\Skyline DataMiner\Tools\StandaloneBpaExecutor\StandaloneBpaExecutor.exe"`;

interface Moment {
	/** What has to be done before. */
	readonly prepare?: (stranger: Stranger, lab: Lab) => Promise<unknown>;
	/** What the connection fails in. */
	readonly act: (stranger: Stranger, lab: Lab) => Promise<unknown>;
	/** What had its effect on the Agent in spite of that, as an event. */
	readonly effect?: string;
}

const moments: Readonly<Record<LineMoment, Moment>> = {
	readiness: {act: stranger => stranger.run('sc.exe queryex SLDataMiner')},
	lock: {
		prepare: stranger => made(stranger, '/C:/ProgramData/dms-upgrade'),
		act: stranger =>
			new Promise((resolve, reject) => {
				const path = '/C:/ProgramData/dms-upgrade/lock.1-abc.json';
				stranger.sftp.open(path, 'wx', error => (error ? reject(error) : resolve(path)));
			}),
	},
	upload: {act: stranger => stranger.upload('/C:/p.partial', Buffer.alloc(2 * 1024 * 1024))},
	prerequisites: {
		prepare: stranger =>
			stranger.upload('/C:/A.dll', Buffer.from(formatLabTest({outcome: 'NoIssues', message: 'Fine.'}))),
		act: stranger => stranger.run(`${executor} -f C:\\r.json --C:\\A.dll`),
		effect: 'prerequisite-run',
	},
	launch: {
		act: (stranger, lab) => launchUpgrade(stranger, lab.packages.full),
		effect: 'version-stamped',
	},
	upgrade: {
		act: (stranger, lab) => launchUpgrade(stranger, lab.packages.full),
		effect: 'version-stamped',
	},
	verification: {
		async prepare(stranger, lab) {
			await launchUpgrade(stranger, lab.packages.full);
			await untilEvent(lab, 'upgrade-ended');
		},
		act: stranger => stranger.run('sc.exe queryex SLDataMiner'),
	},
};

function made(stranger: Stranger, folder: string): Promise<void> {
	return new Promise((resolve, reject) => {
		stranger.sftp.mkdir(folder, error => (error ? reject(error) : resolve()));
	});
}

describe.each(Object.entries(moments))('a connection that fails in: %s', (moment, {prepare, act, effect}) => {
	async function meets(kind: 'reset' | 'silence') {
		const lab = await aLab();
		const [agent] = lab.inventory.agents;
		const stranger = await aStranger(agent!);
		await prepare?.(stranger, lab);
		await lab.inject(`${kind}-in-${moment}@DMA-01`);
		// It may or may not hear of the end; what matters is the connection.
		act(stranger, lab).catch(() => undefined);
		await untilEvent(lab, `fault-bit ${kind}-in-${moment}`);
		return {lab, stranger, again: () => aStranger(agent!)};
	}

	test('is reset once, and what was asked for is done all the same', async () => {
		const {lab, stranger, again} = await meets('reset');
		await stranger.ended;
		await untilEvent(lab, effect ?? 'connection-dropped the network failed');
		const stillThere = await again();
		expect((await stillThere.run('sc.exe queryex SLDataMiner')).stdout).toContain('SERVICE_NAME');
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('fault-bit'))).toHaveLength(1);
	});

	test('falls silent: nobody is told, and a new connection works', async () => {
		const {lab, stranger, again} = await meets('silence');
		let ended = false;
		void stranger.ended.then(() => {
			ended = true;
		});
		const stillThere = await again();
		let answered = false;
		const unheard = () => {
			answered = true;
		};
		stranger.run('echo anybody there?').then(unheard, unheard);
		expect((await stillThere.run('sc.exe queryex SLDataMiner')).stdout).toContain('SERVICE_NAME');
		await untilEvent(lab, effect ?? 'connection-silenced');
		expect({ended, answered}).toEqual({ended: false, answered: false});
		expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('connection-dropped'))).toEqual([]);
	});
});

test('a silent connection counts as no client any more, and ends with the lab', async () => {
	const lab = await aLab({faults: ['silence-in-readiness@DMA-01']});
	const stranger = await aStranger(lab.inventory.agents[0]!);
	await eventually(() => lab.use.clients === 1);
	stranger.run('sc.exe queryex SLDataMiner').catch(() => undefined);
	await eventually(() => lab.use.clients === 0);
	await lab.stop();
	await stranger.ended;
});

test('whoever asks for a sign of life notices a silent connection', async () => {
	const lab = await aLab({faults: ['silence-in-readiness@DMA-01']});
	const stranger = await aStranger(lab.inventory.agents[0]!, {keepaliveInterval: 50, keepaliveCountMax: 3});
	stranger.run('sc.exe queryex SLDataMiner').catch(() => undefined);
	await stranger.ended;
	expect(eventsOn(lab, 'DMA-01')).toContain('connection-silenced the network failed');
});
