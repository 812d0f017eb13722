import {afterAll, beforeAll, describe, test} from 'vitest';
import {
	type KilledPlan,
	bundleDoomedRunner,
	drawing,
	killAndResume,
	positionsByChance,
	whatWentWrong,
} from '../support/kill-sweep.ts';

let doomed: Awaited<ReturnType<typeof bundleDoomedRunner>>;

beforeAll(async () => {
	doomed = await bundleDoomedRunner();
});

afterAll(async () => {
	await doomed.remove();
});

const plans: readonly (KilledPlan & {readonly seed: number})[] = [
	{policy: 'Simultaneously', launch: 'agents', overHttp: 'half', seed: 1301},
	{policy: 'BackupFirst', launch: 'agents', overHttp: ['DMA-02A'], seed: 1302},
	{policy: 'BackupFirstWithSwitchback', launch: 'agents', overHttp: 'half', seed: 1303},
];

// Most of the time goes by in waiting for the Agents.
describe.concurrent.each(plans)(
	'a run under $policy on a cluster of which half is reached over HTTP',
	({seed, ...plan}) => {
		test('whose runners are killed one after the other, once around the launch, ends well, and does nothing twice', async ({
			expect,
		}) => {
			const draw = drawing(seed);
			const unharmed = await killAndResume(doomed.file, plan, []);
			expect(whatWentWrong(unharmed, unharmed)).toEqual([]);
			const last = Math.floor(unharmed.events.length * 0.8);
			const launch = unharmed.events.findIndex(({type}) => type === 'launch.started') + 1;
			const positions = [
				...positionsByChance(1, launch, 1, draw),
				...positionsByChance(launch, launch + 8, 1, draw),
				...positionsByChance(launch + 8, last, 1, draw),
			];
			const killed = await killAndResume(doomed.file, plan, positions);
			expect(whatWentWrong(killed, unharmed)).toEqual([]);
			expect(killed.killedAfter).toHaveLength(positions.length);
		}, 180_000);
	},
);
