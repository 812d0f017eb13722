import type {AgentId} from '../../source/domain/agent.ts';
import {failoverPairs} from '../../source/domain/cluster.ts';
import {
	type AgentAnswer,
	type ReadinessCheck,
	type ReadinessContext,
	assessReadiness,
	checkReadiness,
	readinessGoodForMs,
} from '../../source/domain/readiness.ts';
import type {ClusterView, LookWish, WishedLook} from '../../source/ui/ports.ts';
import {testTime} from './a-cluster.ts';
import {aSurvey} from './a-survey.ts';

/** A look that finds nothing but what the last statuses of the Agents say, and these checks besides. */
export function aLook(
	wish: LookWish,
	view: ClusterView | undefined,
	cluster: readonly ReadinessCheck[] = [],
): WishedLook {
	const {answers, waitingFor} = answersOf(wish, view);
	const agents = checkReadiness(answers, wish.package);
	return {
		wish,
		waitingFor,
		readiness: {at: testTime, goodForMs: readinessGoodForMs, cluster, agents, manual: []},
	};
}

/** A look at well-kept servers with everything that rules and documents say, but for Agents that are told to differ. */
export function aCloseLook(
	wish: LookWish,
	view: ClusterView | undefined,
	surveys: Readonly<Record<AgentId, ReturnType<typeof aSurvey>>> = {},
	context: Partial<ReadinessContext> = {},
): WishedLook {
	const {answers, waitingFor} = answersOf(wish, view);
	const members = view?.cluster.agents.map(({address}) => address) ?? [];
	const looked = new Map(
		[...answers].map(([id, answer]): [AgentId, AgentAnswer] => [
			id,
			'status' in answer ? {...answer, survey: {members, ...(surveys[id] ?? aSurvey())}} : answer,
		]),
	);
	const readiness = assessReadiness(looked, wish.package, {
		at: testTime,
		pairs: view ? failoverPairs(view.cluster) : [],
		nodes: view?.cluster.agents.length ?? wish.agents.length,
		policy: wish.policy,
		...context,
	});
	return {wish, waitingFor, readiness};
}

function answersOf(wish: LookWish, view: ClusterView | undefined) {
	const answers = new Map<AgentId, AgentAnswer>();
	for (const id of wish.agents) {
		const known = view?.agents.get(id);
		if (known?.failure) {
			answers.set(id, {unreachable: known.failure.message});
		} else if (known?.status) {
			answers.set(id, {status: known.status});
		}
	}

	return {answers, waitingFor: wish.agents.filter(id => !answers.has(id))};
}
