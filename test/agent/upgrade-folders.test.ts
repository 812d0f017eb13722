import {describe, expect, onTestFinished, test} from 'vitest';
import {openCluster} from '../../source/commands/cluster-session.ts';
import {aLab, aStranger} from '../support/a-lab.ts';

const minutes = (count: number) => count * 60_000;
const hours = (count: number) => minutes(60 * count);

const begun = '10.0.0.1|2026-01-12 10:00:00|information|Starting upgrade thread for agent 10.0.0.1.\r\n';
const ended = '10.0.0.1|2026-01-12 10:20:00|finished|Finished.\r\n';

/** An Agent whose clock is ahead by so much, with logs of upgrades that were last written to so long ago. */
async function anAgent(faults: readonly string[], logs: readonly {age: number; text: string}[]) {
	const lab = await aLab({speed: 1, faults});
	const stranger = await aStranger(lab.inventory.agents[0]!);
	const now = lab.agents[0]!.clock.now().getTime();
	const packages = '/C:/Skyline DataMiner/Upgrades/Packages';
	for (const [index, {age, text}] of logs.entries()) {
		const folder = `${packages}/P${index}.dmupgrade-${String(index).repeat(32)}`;
		await new Promise<void>((resolve, reject) => {
			stranger.sftp.mkdir(folder, error => (error ? reject(error) : resolve()));
		});
		await stranger.upload(`${folder}/progress.log`, Buffer.from(text));
		const at = (now - age) / 1000;
		await new Promise<void>((resolve, reject) => {
			stranger.sftp.utimes(`${folder}/progress.log`, at, at, error => (error ? reject(error) : resolve()));
		});
	}

	const session = await openCluster(lab.inventory);
	onTestFinished(() => session.close());
	const upgradeInProgress = async () => (await session.connections.get('DMA-01')!.status()).upgradeInProgress;
	const programs = () =>
		lab.events.filter(({event}) => event === 'program-started').map(({detail}) => detail['program']);
	return {upgradeInProgress, programs};
}

describe.each([
	['is right', []],
	['is seven hours ahead', ['clock-is-fast@DMA-01']],
	['is seven hours behind', ['clock-is-slow@DMA-01']],
] as const)('on an Agent whose clock %s', (_, faults) => {
	test('an upgrade that wrote a while ago goes on', async () => {
		const agent = await anAgent(faults, [
			{age: hours(3), text: begun + ended},
			{age: minutes(31), text: begun},
		]);
		expect(await agent.upgradeInProgress()).toBe('P1.dmupgrade');
	});

	test('an upgrade that was killed a while ago does not', async () => {
		const agent = await anAgent(faults, [{age: minutes(61), text: begun}]);
		expect(await agent.upgradeInProgress()).toBeUndefined();
	});

	test('one that was killed before another began and ended does not either', async () => {
		const agent = await anAgent(faults, [
			{age: hours(2), text: begun},
			{age: minutes(5), text: begun + ended},
		]);
		expect(await agent.upgradeInProgress()).toBeUndefined();
	});
});

test('an Agent is not asked for the time where all its upgrades have ended', async () => {
	const agent = await anAgent([], [{age: minutes(1), text: begun + ended}]);
	expect(await agent.upgradeInProgress()).toBeUndefined();
	expect(agent.programs()).not.toContain('powershell.exe');
});

test('an Agent that was never upgraded has nothing going on', async () => {
	const agent = await anAgent([], []);
	expect(await agent.upgradeInProgress()).toBeUndefined();
});
