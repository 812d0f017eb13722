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

/** How many runners of a run are killed here, one after the other; `npm run sweep` kills one after every record. */
const deaths = 5;

const plans: readonly (KilledPlan & {readonly seed: number})[] = [
	{policy: 'Simultaneously', launch: 'agents', seed: 1201},
	{policy: 'BackupFirst', launch: 'agents', seed: 1202},
	{policy: 'BackupFirstWithSwitchback', launch: 'agents', seed: 1203},
	{policy: 'BackupFirst', launch: 'cluster', seed: 1204},
	{policy: 'Simultaneously', launch: 'agents', overHttp: 'half', seed: 1301},
	{policy: 'BackupFirst', launch: 'agents', overHttp: ['DMA-02A'], seed: 1302},
	{policy: 'BackupFirstWithSwitchback', launch: 'agents', overHttp: 'half', seed: 1303},
];

// Most of the time goes by in waiting for the Agents.
describe.concurrent.each(plans)(
	'a run under $policy, launched by $launch, over HTTP: $overHttp',
	({seed, ...plan}) => {
		test('whose runners are killed one after the other ends as if nothing had happened, and does nothing twice', async ({
			expect,
		}) => {
			const draw = drawing(seed);
			const unharmed = await killAndResume(doomed.file, plan, []);
			expect(whatWentWrong(unharmed, unharmed)).toEqual([]);
			// On a busy computer a run has fewer looks at the state of an Agent, and ends some records earlier.
			const last = Math.floor(unharmed.events.length * 0.8);
			const launch = unharmed.events.findIndex(({type}) => type === 'launch.started') + 1;
			// Around the launch every event counts: what was announced, what was told, what answered first.
			const around = (each: number) => [
				...positionsByChance(launch, launch + 8, each, draw),
				...positionsByChance(launch + 8, last, each, draw),
			];
			const chains = plan.overHttp
				? [[...positionsByChance(1, launch, 1, draw), ...around(1)]]
				: [positionsByChance(1, last, deaths, draw), around(2)];
			for (const positions of chains) {
				const killed = await killAndResume(doomed.file, plan, positions);
				expect(whatWentWrong(killed, unharmed)).toEqual([]);
				expect(killed.killedAfter).toHaveLength(positions.length);
			}
		}, 180_000);
	},
);
