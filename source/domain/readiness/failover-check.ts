import type {AgentId} from '../agent.ts';
import type {AgentStatus} from '../agent-status.ts';
import type {AgentSurvey} from '../agent-survey.ts';
import type {AgentAnswer} from './agent-answer.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** Whether the Failover pair of an Agent is sound: one is online, the other offline. Undefined outside a pair. */
export function failoverHealth(
	{role}: AgentStatus,
	partner: {readonly id: AgentId; readonly answer: AgentAnswer | undefined} | undefined,
	{failoverTag}: AgentSurvey,
): ReadinessCheck | undefined {
	const base = {
		id: 'failover',
		title: 'Failover pair',
		source: 'Viewing_the_current_Failover_DMA_status.md',
	};
	if (role === undefined && partner === undefined) {
		return failoverTag
			? {
					...base,
					outcome: 'warn',
					evidence: 'Its DMS.xml has a Failover tag, but the inventory has it in no pair.',
					remedy: 'Name the other Agent of the pair in the inventory (partner): they are upgraded together.',
				}
			: undefined;
	}

	if (role === undefined || role === 'unknown') {
		return {
			...base,
			outcome: 'unknown',
			evidence: 'Whether it is online or offline could not be found out.',
			remedy: 'Look at the Failover status in Cube. Only backup-first policies depend on it.',
		};
	}

	if (partner === undefined) {
		return {...base, outcome: 'pass', evidence: `It is ${role}.`, remedy: ''};
	}

	if (partner.answer && 'unreachable' in partner.answer) {
		return {
			...base,
			outcome: 'warn',
			evidence: `It is ${role}; its partner ${partner.id} does not answer.`,
			remedy: 'Make the partner reachable: both Agents of a pair are upgraded together.',
		};
	}

	if (partner.answer === undefined) {
		return {
			...base,
			outcome: 'unknown',
			evidence: `It is ${role}; nothing is known of its partner ${partner.id}.`,
			remedy: 'Choose both Agents of the pair: they are upgraded together.',
		};
	}

	const other = partner.answer.status.role;
	if (other === undefined || other === 'unknown') {
		return {
			...base,
			outcome: 'unknown',
			evidence: `It is ${role}; what its partner ${partner.id} is could not be found out.`,
			remedy: 'Look at the Failover status in Cube. Only backup-first policies depend on it.',
		};
	}

	return role === other
		? {
				...base,
				outcome: 'warn',
				evidence: `It is ${role}, and so is its partner ${partner.id}.`,
				remedy: 'Look at the Failover status in Cube and at Logging\\SLFailover.txt of both.',
			}
		: {
				...base,
				outcome: 'pass',
				evidence: `It is ${role}, its partner ${partner.id} ${other}.`,
				remedy: '',
			};
}
