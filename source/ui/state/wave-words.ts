import type {AgentId} from '../../domain/agent.ts';
import type {PackageFacts, PackageKind, Restarts} from '../../domain/package-facts.ts';
import {leaderOf} from '../../domain/launch.ts';
import type {PlanStep, UpgradePlan} from '../../domain/plan.ts';

/** As many names as are worth reading at once; how many more there are is said in numbers. */
export function names(agents: readonly AgentId[], limit = 8): string {
	return agents.length <= limit
		? agents.join(', ')
		: `${agents.slice(0, limit).join(', ')} and ${agents.length - limit} more`;
}

export function agentCount(count: number): string {
	return count === 1 ? '1 Agent' : `${count} Agents`;
}

export function plural(count: number, word: string): string {
	return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

/** What a step of a plan does, without the names. */
export function stepTitle(plan: Pick<UpgradePlan, 'steps' | 'launch'>, index: number): string {
	const {steps} = plan;
	const leader = leaderOf(plan);
	const step = steps[index];
	switch (step?.kind) {
		case 'wave': {
			if (leader !== undefined) {
				return `${leader} upgrades ${agentCount(step.agents.length)} in the order of the policy`;
			}

			const waves = steps.filter(({kind}) => kind === 'wave').length;
			const wave = steps.slice(0, index + 1).filter(({kind}) => kind === 'wave').length;
			const together = step.agents.length > 1 ? ' at the same time' : '';
			return `${waves === 1 ? 'Upgrade' : `Wave ${wave}: upgrade`} ${agentCount(step.agents.length)}${together}`;
		}

		case 'switch-over':
			return `Switch over ${plural(step.pairs.length, 'pair')}`;
		case 'switch-back':
			return `Switch ${plural(step.pairs.length, 'pair')} back`;
		case undefined:
			return '';
	}
}

/** The Agents of a step, in words. */
export function stepAgents(step: PlanStep, limit?: number): string {
	return step.kind === 'wave'
		? names(step.agents, limit)
		: names(
				step.pairs.map(({from, to}) => `${from} → ${to}`),
				limit,
			);
}

const kinds: Readonly<Record<PackageKind, string>> = {
	full: 'full upgrade',
	web: 'web upgrade',
	cumulative: 'cumulative update',
	tool: 'tool package',
	application: 'application package',
	unknown: 'package of unknown kind',
};

export function kindWords({kind}: Pick<PackageFacts, 'kind'>): string {
	return kinds[kind];
}

const restarts: Readonly<Record<Restarts, string>> = {
	agent: 'restarts DataMiner',
	'web-server': 'restarts the web server only',
	nothing: 'restarts nothing',
	unknown: 'may restart DataMiner',
};

export function restartWords(facts: Pick<PackageFacts, 'restarts'>): string {
	return restarts[facts.restarts];
}

const restartSentences: Readonly<Record<Restarts, string>> = {
	agent: 'It restarts DataMiner on each of them; only a web upgrade leaves DataMiner running.',
	'web-server': 'It restarts the web server on each of them and leaves DataMiner running.',
	nothing: 'It restarts nothing.',
	unknown: 'What it restarts is not known: reckon with a restart of DataMiner on each of them.',
};

export function restartSentence(facts: Pick<PackageFacts, 'restarts'>): string {
	return restartSentences[facts.restarts];
}
