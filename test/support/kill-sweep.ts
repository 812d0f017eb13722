import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {build} from 'esbuild';
import type {OrderingPolicy} from '../../source/domain/failover-policy.ts';
import {type LaunchWay, launchWays} from '../../source/domain/launch.ts';
import {emptyRunState, foldRun, type RunState} from '../../source/domain/run-state.ts';
import type {RunEvent} from '../../source/domain/run-event.ts';
import type {LabEvent} from '../../source/lab/events.ts';
import type {LabAgents} from '../../source/lab/lab-settings.ts';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {sha256OfFile} from '../../source/package/file-hash.ts';
import type {RunJournal} from '../../source/journal/run-journal.ts';
import {openRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {carryOutRun} from './doomed-runner.ts';
import {type Practice, startPractice, usualWarnings, withinOneMajor} from './practice.ts';

/** A run whose runners were killed, and what the last one made of it. */
export interface KilledRun {
	/** How many events were kept when each of them was killed. */
	readonly killedAfter: readonly number[];
	readonly events: readonly RunEvent[];
	readonly state: RunState;
	readonly lab: readonly LabEvent[];
	/** Lock files and scheduled tasks that are left on Agents. */
	readonly leftovers: readonly string[];
}

export const orderingPolicies = [
	'Simultaneously',
	'BackupFirst',
	'BackupFirstWithSwitchback',
] as const satisfies readonly OrderingPolicy[];

/** How a run is launched and in which order. */
export interface KilledPlan {
	readonly policy: OrderingPolicy;
	readonly launch: LaunchWay;
	/** The Agents that are reached over HTTP. Default: none. */
	readonly overHttp?: LabAgents;
}

/** Of the three Agents, `half` leaves one of the pair to SSH. */
export const killedPlans: readonly KilledPlan[] = orderingPolicies.flatMap(policy =>
	launchWays.flatMap(launch => [
		{policy, launch},
		{policy, launch, overHttp: 'half' as const},
	]),
);

/** For people. */
export function formatKilledPlan({policy, launch, overHttp}: KilledPlan): string {
	return `${policy}, launched by ${launch}${overHttp === undefined ? '' : ', half of it over HTTP'}`;
}

/** Draws numbers from 0 up to 1, always the same ones for a seed: the multiplicative generator of Park and Miller. */
export function drawing(seed: number): () => number {
	let last = seed % 2_147_483_647;
	return () => (last = (last * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** Rising positions spread over the events from `first` up to `end`, one in each of `count` parts of it. */
export function positionsByChance(
	first: number,
	end: number,
	count: number,
	draw: () => number,
): readonly number[] {
	const part = (end - first) / count;
	return Array.from({length: count}, (_, index) => Math.floor(first + (index + draw()) * part));
}

const run = 'sweep';

/** The doomed runner as one file, which starts several times faster than its sources. */
export async function bundleDoomedRunner(): Promise<{file: string; remove: () => Promise<void>}> {
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-sweep-'));
	const file = path.join(folder, 'doomed-runner.mjs');
	await build({
		entryPoints: [path.join(import.meta.dirname, 'doomed-runner.ts')],
		bundle: true,
		platform: 'node',
		format: 'esm',
		outfile: file,
		logLevel: 'error',
		external: ['cpu-features', '*.node'],
		banner: {
			js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url); const __dirname = import.meta.dirname;",
		},
	});
	return {file, remove: () => rm(folder, {recursive: true, force: true})};
}

/**
 * Carries a run out on a new practice cluster with a Failover pair. Its first runner, a process of its own, is killed
 * when the journal holds as many events as `positions` says first, the one that goes on with it when it holds the next,
 * and so on; the last runner lives. Positions rise; those behind the end of the run kill nobody.
 */
export async function killAndResume(
	doomed: string,
	{policy, launch, overHttp}: KilledPlan,
	positions: readonly number[],
): Promise<KilledRun> {
	const practice = await startPractice({
		...withinOneMajor({agents: 3, pairs: 1}),
		...(overHttp && {http: {agents: overHttp, serve: serveOnLabAgent}}),
	});
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-sweep-'));
	try {
		const packagePath = practice.lab.packages.full;
		const journal = openRunJournal(folder, {clock: systemClock, onNotice: () => undefined});
		const plan = await practice.plan(packagePath, {policy, launch});
		journal.create({
			run,
			plan,
			operator: {user: 'edith', host: 'jump'},
			packagePath,
			packageSha256: await sha256OfFile(packagePath),
			inventory: practice.lab.inventory,
			takeOverLocks: false,
			acknowledged: usualWarnings(plan),
		});
		const killedAfter: number[] = [];
		for (const position of positions) {
			const kept = await killedAt(doomed, folder, journal, position);
			if (kept === undefined) {
				break;
			}

			killedAfter.push(kept);
		}

		if (killedAfter.length === positions.length) {
			await carryOutRun(folder, run);
		}

		const events = journal.reader(run).read(0);
		journal.close();
		return {
			killedAfter,
			events,
			state: foldRun(emptyRunState, events),
			lab: practice.lab.events,
			leftovers: await leftoversOn(practice),
		};
	} finally {
		await practice.close();
		await rm(folder, {recursive: true, force: true});
	}
}

/** How many events were kept when the runner was killed; undefined when the run was over before. */
async function killedAt(
	doomed: string,
	folder: string,
	journal: RunJournal,
	position: number,
): Promise<number | undefined> {
	const child = spawn(process.execPath, [doomed, folder, run, String(position)], {
		stdio: ['ignore', 'inherit', 'inherit'],
		timeout: 60_000,
		// It is started hundreds of times.
		env: {...process.env, NODE_COMPILE_CACHE: path.join(path.dirname(doomed), 'compiled')},
	});
	const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
	const kept = journal.reader(run).read(0);
	const ended = kept.at(-1)?.type === 'run.finished';
	if (kept.length === 0 || (ended ? code !== 0 : signal !== 'SIGKILL')) {
		throw new Error(`The runner ended with ${code ?? signal} after ${kept.length} events`);
	}

	return ended ? undefined : kept.length;
}

async function leftoversOn({lab}: Practice): Promise<string[]> {
	const found: string[] = [];
	for (const agent of lab.agents) {
		const staging = path.join(lab.folder, agent.name, 'C', 'ProgramData', 'dms-upgrade');
		const names = await readdir(staging, {recursive: true}).catch(() => []);
		found.push(...names.filter(name => /lock|launches./.test(name)).map(name => `${agent.name}: ${name}`));
		const tasks = lab.events.filter(({agent: name}) => name === agent.name);
		const created = tasks.filter(({event}) => event === 'task-created').length;
		const deleted = tasks.filter(({event}) => event === 'task-deleted').length;
		if (created !== deleted) {
			found.push(`${agent.name}: ${created} tasks made, ${deleted} deleted`);
		}
	}

	return found;
}

/** What happened on the Agents that must not happen twice, by Agent: how often each. */
export function deedsOf(lab: readonly LabEvent[]): Record<string, Record<string, number>> {
	const deeds: Record<string, Record<string, number>> = {};
	const count = (agent: string, deed: string) => {
		const own = (deeds[agent] ??= {});
		own[deed] = (own[deed] ?? 0) + 1;
	};
	for (const {agent, event, detail} of lab) {
		if (
			['upgrade-started', 'task-started', 'version-stamped', 'role-changed', 'reboot-started'].includes(event)
		) {
			count(agent, event);
		}

		if (event === 'file-renamed' && String(detail['to']).endsWith('.dmupgrade')) {
			count(agent, 'package-staged');
		}

		if (event === 'program-started' && String(detail['program']).toLowerCase().includes('switch')) {
			count(agent, 'switch-over-told');
		}
	}

	return deeds;
}

/** Everything about a killed and resumed run that is not as in one that nobody killed; empty when all is well. */
export function whatWentWrong(killed: KilledRun, unharmed: KilledRun): readonly string[] {
	const wrong: string[] = [];
	const {state, events} = killed;
	if (state.outcome !== 'done') {
		wrong.push(`it ended as ${state.outcome ?? 'nothing'}: ${state.failure?.message ?? ''}`);
	}

	for (const {id, outcome, version, failure} of state.agents.values()) {
		const expected = unharmed.state.agents.get(id);
		if (outcome !== expected?.outcome || JSON.stringify(version) !== JSON.stringify(expected?.version)) {
			wrong.push(`${id} is ${outcome ?? 'open'}: ${failure?.message ?? ''}`);
		}
	}

	if (events.some(({sequence}, index) => sequence !== index + 1)) {
		wrong.push('the journal has a gap');
	}

	const [deeds, expected] = [deedsOf(killed.lab), deedsOf(unharmed.lab)];
	if (JSON.stringify(sorted(deeds)) !== JSON.stringify(sorted(expected))) {
		wrong.push(
			`the Agents did ${JSON.stringify(sorted(deeds))} instead of ${JSON.stringify(sorted(expected))}`,
		);
	}

	const when = killed.killedAfter.map(position => `${position} (${events[position - 1]?.type})`).join(', ');
	return [...wrong, ...killed.leftovers].map(what => `killed after ${when || 'nothing'}: ${what}`);
}

function sorted(deeds: Record<string, Record<string, number>>): unknown {
	return Object.entries(deeds)
		.map(([agent, own]) => [agent, Object.entries(own).toSorted()])
		.toSorted();
}
