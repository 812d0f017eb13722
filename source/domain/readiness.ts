/** Whether Agents are ready for a package: what was looked at, what was found, and what to do about it. */
export {type AgentAnswer, unreachableBy} from './readiness/agent-answer.ts';
export {
	type Acknowledgement,
	type ReadinessChecks,
	type Warning,
	acknowledgementsOf,
	comesAndGoes,
	findingsToAcknowledge,
	notAcknowledged,
	warningKey,
	warningsToAcknowledge,
} from './readiness/acknowledging.ts';
export {type Readiness, type ReadinessContext, assessReadiness, checkReadiness} from './readiness/assess.ts';
export {type ReadinessFinding, findingsOf, verdictOf} from './readiness/findings.ts';
export {refusesStart} from './readiness/starting.ts';
export {copiesOfPackageOnAgent, neededBytes} from './readiness/free-disk.ts';
export {isStale, readinessGoodForMs} from './readiness/freshness.ts';
export {
	type ReadinessCheck,
	type ReadinessOutcome,
	isBlocked,
	outcomesByRank,
	worstFirst,
} from './readiness/readiness-check.ts';
export type {ManualItem} from './readiness/way-checks.ts';
export {formatBytes} from './format-bytes.ts';
