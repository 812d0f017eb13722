/**
 * Kills a runner after every record of its journal, under every policy and way to launch, and looks what another one
 * makes of the run; then kills runner after runner of the same run. Says how many positions were tried.
 * Run: npm run sweep [policy] [agents|cluster] [mixed: half of the Agents over HTTP, instead of all over SSH]
 */
import {
	type KilledPlan,
	bundleDoomedRunner,
	drawing,
	formatKilledPlan,
	killAndResume,
	killedPlans,
	positionsByChance,
	whatWentWrong,
} from '../support/kill-sweep.ts';

const atOnce = Number(process.env['SWEEP_AT_ONCE'] ?? 4);
/** Runs of each plan whose runners are killed one after the other, and how many of them. */
const chains = 12;
const deaths = 12;

const wanted = process.argv.slice(2);
const mixed = wanted.includes('mixed');
const plans = killedPlans.filter(
	({policy, launch, overHttp}) =>
		(overHttp !== undefined) === mixed && wanted.every(word => [policy, launch, 'mixed'].includes(word)),
);
const doomed = await bundleDoomedRunner();
let tried = 0;
let wrong = 0;

async function trySeveral(plan: KilledPlan, unharmed: Awaited<ReturnType<typeof killAndResume>>) {
	const last = unharmed.events.length - 1;
	const draw = drawing(last);
	const waiting = [
		...Array.from({length: last}, (_, index) => [index + 1]),
		...Array.from({length: chains}, () => positionsByChance(1, last, deaths, draw)),
	];
	const worker = async () => {
		for (let positions = waiting.shift(); positions; positions = waiting.shift()) {
			const killed = await killAndResume(doomed.file, plan, positions);
			tried += killed.killedAfter.length;
			for (const what of whatWentWrong(killed, unharmed)) {
				wrong++;
				console.log(`${formatKilledPlan(plan)}, ${what}`);
			}
		}
	};

	await Promise.all(Array.from({length: atOnce}, worker));
	console.log(
		`${formatKilledPlan(plan)}: after each of ${last} records, and in ${chains} runs one runner after the other`,
	);
}

try {
	if (plans.length === 0) {
		throw new Error(`Nothing is called ${wanted.join(' ')}.`);
	}

	for (const plan of plans) {
		await trySeveral(plan, await killAndResume(doomed.file, plan, []));
	}
} finally {
	await doomed.remove();
}

console.log(`${tried} positions tried, ${wrong} things wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
