import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {
	type KilledRun,
	bundleDoomedRunner,
	killAndResume,
	orderingPolicies,
	whatWentWrong,
} from '../support/kill-sweep.ts';

let doomed: Awaited<ReturnType<typeof bundleDoomedRunner>>;

beforeAll(async () => {
	doomed = await bundleDoomedRunner();
});

afterAll(async () => {
	await doomed.remove();
});

const never = 1_000_000;
/** How many of a run's positions are tried here; `npm run sweep` tries them all. */
const sample = 5;

/** Spread over the whole run; other ones for each policy. */
function positionsIn(unharmed: KilledRun, offset: number): number[] {
	const last = unharmed.events.length - 1;
	return Array.from({length: sample}, (_, index) =>
		Math.min(last, Math.max(1, Math.round(((index + offset) / sample) * last))),
	);
}

describe.each(orderingPolicies.map((policy, index) => [policy, index / orderingPolicies.length] as const))(
	'a runner that is killed in the middle of a run under %s',
	(policy, offset) => {
		test('is followed by another one that does nothing twice, and the run ends as if nothing had happened', async () => {
			const unharmed = await killAndResume(doomed.file, policy, never);
			expect(whatWentWrong(unharmed, unharmed)).toEqual([]);
			const wrong: string[] = [];
			for (const position of positionsIn(unharmed, offset)) {
				const killed = await killAndResume(doomed.file, policy, position);
				wrong.push(
					...whatWentWrong(killed, unharmed).map(
						what => `killed after ${killed.position} (${killed.events[killed.position - 1]?.type}): ${what}`,
					),
				);
			}

			expect(wrong).toEqual([]);
		}, 200_000);
	},
);

test('a runner that is killed in the middle of a run that one Agent leads is followed by another one that tells nobody twice', async () => {
	const unharmed = await killAndResume(doomed.file, 'BackupFirst', never, 'cluster');
	expect(whatWentWrong(unharmed, unharmed)).toEqual([]);
	const placeOf = (type: RunEvent['type']) => unharmed.events.findIndex(event => event.type === type) + 1;
	const last = unharmed.events.length;
	// Around the launch every event counts: what was announced, what was told, what answered first.
	const positions = [
		placeOf('launch.started') + 2,
		placeOf('launch.finished'),
		placeOf('agent.progressed'),
		Math.round(last * 0.8),
		placeOf('launch.ended'),
	];
	const wrong: string[] = [];
	for (const position of positions) {
		const killed = await killAndResume(doomed.file, 'BackupFirst', position, 'cluster');
		wrong.push(
			...whatWentWrong(killed, unharmed).map(
				what => `killed after ${killed.position} (${killed.events[killed.position - 1]?.type}): ${what}`,
			),
		);
	}

	expect(wrong).toEqual([]);
}, 200_000);
