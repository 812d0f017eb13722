import {changesVersion} from '../../domain/package-facts.ts';
import {type Version, formatVersion} from '../../domain/version.ts';
import type {RunState} from '../../domain/run-state.ts';
import type {Standing} from './agent-row.ts';
import {runningVersions} from './members.ts';
import {isGoingOn, runStanding} from './run-words.ts';
import type {DashboardData} from './update.ts';

/** What the top line says. */
export interface TopLine {
	readonly cluster: string | undefined;
	/** How many Agents and what they run. */
	readonly facts: readonly string[];
	/** More than one version in a cluster is wrong, unless it is being upgraded. */
	readonly conflict: boolean;
	readonly activity: Standing | undefined;
	/** Something is alive: a run goes on, an Agent was asked for something, the cluster is awaited. */
	readonly alive: boolean;
}

export function topLine({cluster, run, underWay}: DashboardData): TopLine {
	const goesOn = isGoingOn(run);
	if (!cluster) {
		return {
			cluster: undefined,
			facts: [],
			conflict: false,
			activity: {mark: 'changing', word: 'Looking for the cluster…', role: 'muted'},
			alive: true,
		};
	}

	const count = cluster.cluster.agents.length;
	const versions = runningVersions(cluster);
	const [first] = versions;
	const running = first && versions.length === 1 ? shortText(first.version) : `${versions.length} versions`;
	const target = run && goesOn ? targetOf(run) : [];
	return {
		cluster: cluster.cluster.name,
		facts: [
			`${count} ${count === 1 ? 'Agent' : 'Agents'}`,
			...(versions.length > 0 ? [[running, ...target].join(' → ')] : target),
		],
		conflict: versions.length > 1,
		activity: run?.plan ? wholeStanding(run) : actsStanding(underWay),
		alive: goesOn || (underWay?.size ?? 0) > 0,
	};
}

/** Once a run is over, it must be said of what the outcome is. */
function wholeStanding(run: RunState): Standing {
	const standing = runStanding(run);
	const act = run.plan?.goal === 'upload' ? 'Upload' : 'Upgrade';
	return run.outcome === undefined ? standing : {...standing, word: `${act}: ${standing.word.toLowerCase()}`};
}

/** The version that the run brings. */
function targetOf({plan}: RunState): readonly string[] {
	const facts = plan?.package;
	return plan?.goal === 'upgrade' && facts?.version && changesVersion(facts.kind)
		? [shortText(facts.version)]
		: [];
}

/** Without the build, which the details name. */
function shortText(version: Version): string {
	return formatVersion(version).replace(/ \(\d+\)/, '');
}

function actsStanding(underWay: DashboardData['underWay']): Standing | undefined {
	const [first, ...others] = underWay ?? [];
	if (!first) {
		return undefined;
	}

	const [agent, act] = first;
	const verb = {start: 'Starting', stop: 'Stopping', restart: 'Restarting'}[act];
	return {
		mark: 'changing',
		word: others.length === 0 ? `${verb} ${agent}` : `Acting on ${others.length + 1} Agents`,
		role: 'accent',
	};
}
