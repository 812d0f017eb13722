import {failureOf} from '../user-error.ts';
import type {AgentStatus, PrerequisiteResult} from '../agent-status.ts';
import type {AgentSurvey} from '../agent-survey.ts';
import type {LockHolder} from '../run-event.ts';

/** What an Agent answered, or why it did not. */
export type AgentAnswer =
	| {
			readonly status: AgentStatus;
			/** Another run that holds the Agent's lock. */
			readonly lockedBy?: LockHolder;
			/** What a closer look found. */
			readonly survey?: AgentSurvey;
			/** What the prerequisites of the package found, where they were run ahead. */
			readonly tested?: readonly PrerequisiteResult[] | {readonly notRun: string};
	  }
	| Unreachable;

/** Why an Agent did not answer, and what to do about it. */
export interface Unreachable {
	readonly unreachable: string;
	readonly nextSteps?: readonly string[];
}

export function unreachableBy(error: unknown): Unreachable {
	const {message, nextSteps} = failureOf(error);
	return {unreachable: message, nextSteps};
}
