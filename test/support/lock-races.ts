import {type ChildProcess, fork} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {readFile, readdir} from 'node:fs/promises';
import path from 'node:path';
import type {LockClaim, LockOptions} from '../../source/agent/connection.ts';
import type {Inventory} from '../../source/config/inventory.ts';
import type {Lab} from '../../source/lab/lab.ts';
import type {Race, RacerNews, RacerOrder} from './lock-racer.ts';

/** What came of many races for the locks of the Agents of a lab, one race after the other on each Agent. */
export interface RaceTally {
	races: number;
	/** How many processes wanted a lock, in all races together. */
	contenders: number;
	/** Races for a lock that a dead run had left. */
	takeovers: number;
	/** Races in which one of the processes was killed. */
	killed: number;
	/** Everything that must not be. */
	readonly wrong: string[];
}

export interface RaceOptions {
	readonly races: number;
	/** Every so many races, a lock that nobody renews is raced for. */
	readonly takeoverEvery: number;
	/** Every so many races, one process is killed with SIGKILL in the middle. */
	readonly killEvery: number;
	/** For one of 0 up to `limit`. */
	readonly random: (limit: number) => number;
	readonly onRace?: (races: number) => void;
	/** How the racer that starts at this place reaches the Agents. Default: as the lab says. */
	readonly inventoryOf?: (index: number) => Inventory;
}

const pollMs = 10;
const renewEveryMs = 20;
/** Nobody is called dead by it. */
const never = 120_000;
/** Much longer than a living process needs between two renewals, whatever else this computer does. */
const deadAfterMs = 4000;

const racerFile = path.join(import.meta.dirname, 'lock-racer.ts');

/** A process that races for locks, as seen by the one that looks on. */
export class Racer {
	readonly name: string;
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, (news: RacerNews | undefined) => void>();
	/** What came before anybody waited for it: a holder that lost. */
	readonly #early = new Map<number, RacerNews>();
	#dead = false;

	private constructor(name: string) {
		this.name = name;
		this.#child = fork(racerFile, {
			execArgv: ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'],
		});
		this.#child.on('message', (news: RacerNews) => {
			const waiting = this.#waiting.get(news.race);
			this.#waiting.delete(news.race);
			if (waiting) {
				waiting(news);
			} else {
				this.#early.set(news.race, news);
			}
		});
		this.#child.once('exit', () => {
			this.#dead = true;
			for (const waiting of this.#waiting.values()) {
				waiting(undefined);
			}
		});
	}

	static async start(name: string, inventory: Inventory): Promise<Racer> {
		const racer = new Racer(name);
		const opened = racer.#next(0);
		racer.#tell({kind: 'open', inventory});
		if ((await opened)?.news !== 'opened') {
			throw new Error(`${name} did not begin.`);
		}

		return racer;
	}

	/** Resolves when it holds the lock or was refused; to undefined when it is dead. */
	race(race: Race): Promise<RacerNews | undefined> {
		const next = this.#next(race.race);
		this.#tell({kind: 'race', ...race});
		return next;
	}

	/** Resolves when it holds the lock of that race no more. */
	finish(race: number, kind: 'end' | 'abandon' = 'end'): Promise<RacerNews | undefined> {
		const next = this.#next(race);
		this.#tell({kind, race});
		return next;
	}

	kill(): void {
		this.#child.kill('SIGKILL');
	}

	async stop(): Promise<void> {
		if (!this.#dead) {
			await new Promise(resolve => {
				this.#child.once('exit', resolve);
				this.#child.disconnect();
			});
		}
	}

	#next(race: number): Promise<RacerNews | undefined> {
		return new Promise(resolve => {
			const early = this.#early.get(race);
			this.#early.delete(race);
			if (early || this.#dead) {
				resolve(early);
			} else {
				this.#waiting.set(race, resolve);
			}
		});
	}

	#tell(order: RacerOrder): void {
		if (!this.#dead) {
			this.#child.send(order, () => undefined);
		}
	}
}

export function aRacersClaim(racer: Racer, race: number): LockClaim {
	return {
		run: `race-${race}-${racer.name}`,
		token: randomUUID(),
		operator: {user: racer.name, host: 'a process of its own'},
		since: Date.now(),
	};
}

/**
 * Lets processes race for the locks of all Agents of a lab. Whoever gets one keeps and renews it until all others have
 * got their answer, so that two that get it do hold it at the same time.
 */
export async function raceForLocks(lab: Lab, processes: number, options: RaceOptions): Promise<RaceTally> {
	const tally: RaceTally = {races: 0, contenders: 0, takeovers: 0, killed: 0, wrong: []};
	const {inventoryOf = () => lab.inventory} = options;
	const racers = await Promise.all(
		Array.from({length: processes}, (_, index) => Racer.start(`racer ${index + 1}`, inventoryOf(index))),
	);
	let begun = 0;
	const lane = async (agent: string) => {
		const ghosts = new Set<string>();
		while (begun < options.races) {
			begun += 1;
			const race = begun;
			const kill = race % options.killEvery === 0;
			const takeover = !kill && race % options.takeoverEvery === 0;
			// One that is killed is another process than those that race on the other Agents. Over HTTP, the service would
			// go on with what it asked for, and hold the lock against the races after this one.
			const doomed = kill ? await Racer.start(`doomed racer ${race}`, inventoryOf(race + 1)) : undefined;
			if (doomed) {
				ghosts.add(doomed.name);
			}

			await raceOnce(lab, agent, [...racers, ...(doomed ? [doomed] : [])], {
				race,
				takeover,
				ghosts,
				tally,
				...(doomed && {killAfterMs: options.random(40)}),
			});
			tally.races += 1;
			tally.takeovers += takeover ? 1 : 0;
			tally.killed += kill ? 1 : 0;
			options.onRace?.(tally.races);
		}
	};
	await Promise.all(lab.inventory.agents.map(({name}) => lane(name)));
	await Promise.all(racers.map(racer => racer.stop()));
	return tally;
}

interface OneRace {
	readonly race: number;
	readonly takeover: boolean;
	/** Who is or was killed on this Agent: what they asked for last may still be done, even after their race. */
	readonly ghosts: ReadonlySet<string>;
	/** When the last one of the racers is killed. */
	readonly killAfterMs?: number;
	readonly tally: RaceTally;
}

async function raceOnce(
	lab: Lab,
	agent: string,
	racers: readonly Racer[],
	{race, takeover, ghosts, killAfterMs, tally}: OneRace,
): Promise<void> {
	const wrong = (what: string) => tally.wrong.push(`race ${race} for ${agent}: ${what}`);
	const dead = killAfterMs === undefined ? undefined : racers.at(-1);
	const options: LockOptions = {
		staleMs: takeover || ghosts.size > 0 ? deadAfterMs : never,
		pollMs,
		takeOver: takeover || ghosts.size > 0,
	};
	if (takeover) {
		await leaveALock(agent, racers[race % racers.length]!, -race);
	}

	if (dead) {
		setTimeout(() => dead.kill(), killAfterMs);
	}

	tally.contenders += racers.length;
	const answers = await Promise.all(
		racers.map(async racer => {
			for (;;) {
				const claim = aRacersClaim(racer, race);
				const news = await racer.race({race, agent, claim, options, renewEveryMs});
				// Whoever met the one that is killed while that still lived has had no answer for good.
				if (news?.news !== 'refused' || !ghosts.has(news.holder?.operator.user ?? '')) {
					return {racer, news};
				}
			}
		}),
	);
	const alive = answers.filter(({racer}) => racer !== dead);
	const holders = alive.filter(({news}) => news?.news === 'held').map(({racer}) => racer);
	const holder = holders[0]?.name ?? 'nobody';
	if (holders.length !== 1) {
		wrong(`${holders.length} hold the lock: ${holders.map(({name}) => name).join(', ')}`);
	}

	for (const {racer, news} of alive) {
		const because = news?.news === 'refused' ? `${news.code}, ${news.holder?.operator.user ?? 'nobody'}` : '';
		if (news?.news === 'refused' && because !== `AGENT_LOCKED, ${holder}`) {
			wrong(`${racer.name} was refused: ${because}`);
		}

		if (news === undefined) {
			wrong(`${racer.name} is dead`);
		}
	}

	for (const racer of holders) {
		const end = await racer.finish(race);
		if (end?.news !== 'ended') {
			wrong(`${racer.name} held it and then ${end?.news === 'lost' ? `met ${end.code}` : 'died'}`);
		}
	}

	const folder = path.join(lab.folder, agent, 'C', 'ProgramData', 'dms-upgrade');
	const left: string[] = [];
	for (const name of (await readdir(folder)).filter(each => each.startsWith('lock.'))) {
		const text = await readFile(path.join(folder, name), 'utf8').catch(() => '');
		// One that was killed may have made its file, and not written into it.
		if (![...ghosts].some(ghost => text === '' || text.includes(ghost))) {
			left.push(name);
		}
	}

	if (left.length > 0) {
		wrong(`these files are left: ${left.join(', ')}`);
	}
}

/** A lock that somebody holds who renews it no more. */
async function leaveALock(agent: string, racer: Racer, race: number): Promise<void> {
	const options = {staleMs: never, pollMs, takeOver: false};
	await racer.race({race, agent, claim: aRacersClaim(racer, race), options, renewEveryMs});
	await racer.finish(race, 'abandon');
}

/**
 * Kills a process that holds the locks of all Agents, and lets another one take them over from that moment on.
 * Answers how long that took for each, in milliseconds. Rejects where it does not come about.
 */
export async function takeOverFromKilled(
	lab: Lab,
	options: LockOptions,
	renewEveryMs: number,
): Promise<readonly number[]> {
	const [holder, taker] = [
		await Racer.start('holder', lab.inventory),
		await Racer.start('taker', lab.inventory),
	];
	const agents = lab.inventory.agents.map(({name}, index) => ({agent: name, race: index + 1}));
	const claims = agents.map(({agent, race}) => ({agent, race, claim: aRacersClaim(holder, race)}));
	try {
		for (const {agent, race, claim} of claims) {
			expectNews(await holder.race({race, agent, claim, options, renewEveryMs}), 'held', agent);
		}

		const killed = performance.now();
		holder.kill();
		return await Promise.all(
			claims.map(async ({agent, race, claim}) => {
				const own = aRacersClaim(taker, race);
				const order = {race, agent, claim: own, options, renewEveryMs};
				const news = expectNews(await taker.race(order), 'held', agent);
				const tookMs = performance.now() - killed;
				if (news.takenFrom?.run !== claim.run) {
					throw new Error(`${agent} was taken over from ${news.takenFrom?.run ?? 'nobody'}.`);
				}

				expectNews(await taker.finish(race), 'ended', agent);
				return tookMs;
			}),
		);
	} finally {
		await Promise.all([holder.stop(), taker.stop()]);
	}
}

function expectNews<Kind extends RacerNews['news']>(
	news: RacerNews | undefined,
	kind: Kind,
	agent: string,
): Extract<RacerNews, {readonly news: Kind}> {
	if (news?.news !== kind) {
		throw new Error(`${agent}: ${JSON.stringify(news)} came instead of “${kind}”.`);
	}

	return news as Extract<RacerNews, {readonly news: Kind}>;
}
