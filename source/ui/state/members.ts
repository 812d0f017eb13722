import type {Agent, AgentId, AgentState} from '../../domain/agent.ts';
import {type FailoverPair, failoverPairs} from '../../domain/cluster.ts';
import {visibleText} from '../../domain/text.ts';
import {type Version, couldBeSame, formatVersion} from '../../domain/version.ts';
import type {AgentView, ClusterView} from '../ports.ts';
import type {Standing} from './agent-row.ts';
import {rememberLast} from './remember-last.ts';
import type {ControlAct} from './update.ts';

/** One Agent in the list of members. */
export interface Member {
	readonly id: AgentId;
	readonly agent: Agent;
	readonly view: AgentView;
	readonly standing: Standing;
	/** First or second of a Failover pair; pairs stand together. */
	readonly place: 'single' | 'first' | 'second';
}

const standings: Readonly<Record<AgentState, Standing>> = {
	Running: {mark: 'running', word: 'Running', role: 'good'},
	Starting: {mark: 'changing', word: 'Starting', role: 'accent'},
	Stopping: {mark: 'changing', word: 'Stopping', role: 'accent'},
	Switching: {mark: 'changing', word: 'Switching', role: 'accent'},
	'Not running': {mark: 'idle', word: 'Not running', role: 'warning'},
	Unknown: {mark: 'unknown', word: 'Unknown', role: 'warning'},
	Disconnected: {mark: 'failed', word: 'Disconnected', role: 'bad'},
};

const acting: Readonly<Record<ControlAct, string>> = {
	start: 'Starting',
	stop: 'Stopping',
	restart: 'Restarting',
};

function standingOf(view: AgentView, act: ControlAct | undefined): Standing {
	if (act) {
		return {mark: 'changing', word: acting[act], role: 'accent'};
	}

	if (view.failure) {
		return standings.Disconnected;
	}

	return view.status ? standings[view.status.state] : {mark: 'unknown', word: 'asking', role: 'muted'};
}

/** All Agents as they are listed: as in the inventory, but with the second of a pair below its first. */
export const members = rememberLast(
	(cluster: ClusterView, underWay: ReadonlyMap<AgentId, ControlAct> | undefined): readonly Member[] => {
		const {agents} = cluster.cluster;
		const byId = new Map(agents.map(agent => [agent.id, agent]));
		const pairs = new Map(failoverPairs(cluster.cluster).map(pair => [pair[0], pair]));
		const seconds = new Set([...pairs.values()].map(pair => pair[1]));
		const member = (id: AgentId, place: Member['place']): readonly Member[] => {
			const agent = byId.get(id);
			const view = cluster.agents.get(id) ?? {};
			return agent ? [{id, agent, view, place, standing: standingOf(view, underWay?.get(id))}] : [];
		};
		return agents
			.filter(({id}) => !seconds.has(id))
			.flatMap(({id}): readonly Member[] => {
				const pair: FailoverPair | undefined = pairs.get(id);
				return pair ? [...member(pair[0], 'first'), ...member(pair[1], 'second')] : member(id, 'single');
			});
	},
);

/** Those of the members that have every word of the filter somewhere in what the list says of them. */
export function filterMembers(all: readonly Member[], filter: string): readonly Member[] {
	const words = filter.toLowerCase().split(' ').filter(Boolean);
	return words.length === 0
		? all
		: all.filter(({id, agent, view, standing}) => {
				const version = view.status?.version;
				const text = [
					id,
					agent.address,
					agent.reachedBy ?? 'SSH',
					standing.word,
					view.status?.role ?? '',
					version ? formatVersion(version) : '',
				]
					.join(' ')
					.toLowerCase();
				return words.every(word => text.includes(word));
			});
}

/** The versions that the Agents run, most frequent first; more than one is a conflict. */
export const runningVersions = rememberLast(
	(cluster: ClusterView): readonly {readonly version: Version; readonly agents: readonly AgentId[]}[] => {
		const found: {version: Version; agents: AgentId[]}[] = [];
		for (const {id} of cluster.cluster.agents) {
			const version = cluster.agents.get(id)?.status?.version;
			if (version) {
				const same = found.find(entry => couldBeSame(entry.version, version));
				if (same) {
					same.agents.push(id);
				} else {
					found.push({version, agents: [id]});
				}
			}
		}

		return found.toSorted((a, b) => b.agents.length - a.agents.length);
	},
);

/** What is wrong with the cluster as a whole, one sentence each. */
export function clusterWarnings(cluster: ClusterView): readonly string[] {
	const versions = runningVersions(cluster);
	const lost = cluster.cluster.agents.filter(({id}) => {
		const view = cluster.agents.get(id);
		return view?.failure !== undefined || view?.status?.state === 'Disconnected';
	});
	return [
		...(versions.length > 1 ? [`Version conflict: ${versions.map(runs).join(', ')}.`] : []),
		...(lost.length > 0 ? [`Disconnected: ${nameAgents(lost.map(({id}) => id))}.`] : []),
	];
}

function runs({version, agents}: {readonly version: Version; readonly agents: readonly AgentId[]}): string {
	const [first = '', ...others] = agents;
	const who = others.length === 0 ? `${first} runs` : `${agents.length} Agents run`;
	return `${who} ${visibleText(formatVersion(version))}`;
}

/** Names up to three Agents; of more, it says how many there are. */
export function nameAgents(agents: readonly AgentId[]): string {
	return agents.length <= 3 ? agents.join(', ') : `${agents.length} Agents`;
}
