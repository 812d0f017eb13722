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
	| {readonly unreachable: string};
