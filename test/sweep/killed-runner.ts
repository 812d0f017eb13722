/* Kills a runner after every record of its journal, under every policy and way to launch, and looks what another one makes of the run. */
import {launchWays} from '../../source/domain/launch.ts';
import {bundleDoomedRunner, killAndResume, orderingPolicies, whatWentWrong} from '../support/kill-sweep.ts';

const atOnce = Number(process.env['SWEEP_AT_ONCE'] ?? 4);
const never = 1_000_000;
const doomed = await bundleDoomedRunner();
let tried = 0;
let wrong = 0;
try {
	for (const [policy, launch] of orderingPolicies.flatMap(one =>
		launchWays.map(way => [one, way] as const),
	)) {
		const unharmed = await killAndResume(doomed.file, policy, never, launch);
		const last = unharmed.events.length - 1;
		const positions = Array.from({length: last}, (_, index) => index + 1);
		const worker = async () => {
			for (let position = positions.shift(); position !== undefined; position = positions.shift()) {
				const killed = await killAndResume(doomed.file, policy, position, launch);
				tried++;
				for (const what of whatWentWrong(killed, unharmed)) {
					wrong++;
					console.log(
						`${policy}, launched by ${launch}, killed after ${killed.position} (${killed.events[killed.position - 1]?.type}): ${what}`,
					);
				}
			}
		};

		await Promise.all(Array.from({length: atOnce}, worker));
		console.log(`${policy}, launched by ${launch}: ${last} positions`);
	}
} finally {
	await doomed.remove();
}

console.log(`${tried} positions tried, ${wrong} things wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
