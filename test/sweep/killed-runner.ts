/* Kills a runner after every record of its journal, under every policy, and looks what another one makes of the run. */
import {bundleDoomedRunner, killAndResume, orderingPolicies, whatWentWrong} from '../support/kill-sweep.ts';

const atOnce = Number(process.env['SWEEP_AT_ONCE'] ?? 4);
const never = 1_000_000;
const doomed = await bundleDoomedRunner();
let tried = 0;
let wrong = 0;
try {
	for (const policy of orderingPolicies) {
		const unharmed = await killAndResume(doomed.file, policy, never);
		const last = unharmed.events.length - 1;
		const positions = Array.from({length: last}, (_, index) => index + 1);
		const worker = async () => {
			for (let position = positions.shift(); position !== undefined; position = positions.shift()) {
				const killed = await killAndResume(doomed.file, policy, position);
				tried++;
				for (const what of whatWentWrong(killed, unharmed)) {
					wrong++;
					console.log(
						`${policy}, killed after ${killed.position} (${killed.events[killed.position - 1]?.type}): ${what}`,
					);
				}
			}
		};

		await Promise.all(Array.from({length: atOnce}, worker));
		console.log(`${policy}: ${last} positions`);
	}
} finally {
	await doomed.remove();
}

console.log(`${tried} positions tried, ${wrong} things wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
