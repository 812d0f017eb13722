import type {AgentId} from '../../domain/agent.ts';
import {isBlocked} from '../../domain/readiness.ts';
import type {AgentPhase, AgentRun} from '../../domain/agent-run.ts';
import type {Role} from '../theme/theme.ts';
import {durationText} from './duration.ts';

/** Which sign stands before a word; the names of glyphs. */
export type Mark = 'idle' | 'running' | 'changing' | 'done' | 'failed' | 'warning' | 'unknown';

/** How something stands: always a sign and a word. */
export interface Standing {
	readonly mark: Mark;
	readonly word: string;
	readonly role: Role;
}

/** How far something is, between 0 and 1, and in words. */
export interface Progress {
	readonly fraction: number;
	readonly text: string;
}

/** What the grid says of one Agent. */
export interface AgentRow {
	readonly id: AgentId;
	readonly standing: Standing;
	readonly progress?: Progress;
	/** Bytes a second; only while the package is being uploaded. */
	readonly rate?: number;
	/** Milliseconds; of the upgrade, or before it of the upload. */
	readonly elapsed?: number;
	readonly message: string;
}

/** `followed`: whether somebody carries the run out and looks at the Agent, so that what is known is of now. */
export function agentRow(agent: AgentRun, now: number, followed = true): AgentRow {
	const progress = progressOf(agent);
	const rate = followed ? uploadRate(agent, now) : undefined;
	const elapsed = followed || agent.finishedAt !== undefined ? elapsedOf(agent, now) : undefined;
	return {
		id: agent.id,
		standing: standingOf(agent, now, followed),
		...(progress && {progress}),
		...(rate !== undefined && {rate}),
		...(elapsed !== undefined && {elapsed}),
		message: agent.failure?.message ?? agent.lastMessage ?? '',
	};
}

const phaseStandings: Readonly<Record<AgentPhase, Standing>> = {
	waiting: {mark: 'idle', word: 'waiting', role: 'muted'},
	checked: {mark: 'running', word: 'ready', role: 'text'},
	uploading: {mark: 'changing', word: 'uploading', role: 'accent'},
	uploaded: {mark: 'running', word: 'uploaded', role: 'text'},
	testing: {mark: 'changing', word: 'testing', role: 'accent'},
	tested: {mark: 'running', word: 'tested', role: 'text'},
	launching: {mark: 'changing', word: 'launching', role: 'accent'},
	upgrading: {mark: 'changing', word: 'upgrading', role: 'accent'},
	verifying: {mark: 'changing', word: 'verifying', role: 'accent'},
	verified: {mark: 'done', word: 'verified', role: 'good'},
};

/** What an Agent is doing, or how it ended; of one that nobody follows it is not known what it does. */
export function standingOf(agent: AgentRun, now: number, followed = true): Standing {
	switch (agent.outcome) {
		case 'done':
			return {mark: 'done', word: 'done', role: 'good'};
		case 'failed':
			return {mark: 'failed', word: 'failed', role: 'bad'};
		case 'unknown':
			return {mark: 'unknown', word: 'unknown', role: 'warning'};
		case 'stopped':
			return isBlocked(agent.checks) ? notReady : {mark: 'idle', word: 'stopped', role: 'muted'};
		case undefined:
			break;
	}

	if (!followed && agent.launchedAt !== undefined) {
		return {mark: 'unknown', word: 'not followed', role: 'warning'};
	}

	if (!followed && phaseStandings[agent.phase].mark === 'changing') {
		return {mark: 'warning', word: 'interrupted', role: 'warning'};
	}

	if (agent.contact.kind === 'lost') {
		const age = durationText(Math.max(0, now - agent.contact.since));
		return agent.contact.expected
			? {mark: 'changing', word: 'restarting', role: 'accent'}
			: {mark: 'warning', word: `contact lost ${age}`, role: 'warning'};
	}

	return isBlocked(agent.checks) ? notReady : phaseStandings[agent.phase];
}

const notReady: Standing = {mark: 'failed', word: 'not ready', role: 'bad'};

/** How far the upload or the prerequisites are; undefined where nothing can be counted. */
export function progressOf(agent: AgentRun): Progress | undefined {
	const {phase, uploadedBytes, totalBytes, prerequisites, prerequisiteCount} = agent;
	if (phase === 'uploaded') {
		return {fraction: 1, text: '100%'};
	}

	if (phase === 'uploading') {
		// 100 % is said only of what is there and proved right.
		const fraction = totalBytes > 0 ? Math.min(0.99, uploadedBytes / totalBytes) : 0;
		return {fraction, text: `${Math.floor(fraction * 100)}%`};
	}

	if ((phase === 'testing' || phase === 'tested') && prerequisiteCount > 0) {
		const finished = Math.min(prerequisites.length, prerequisiteCount);
		return {fraction: finished / prerequisiteCount, text: `${finished}/${prerequisiteCount}`};
	}

	return undefined;
}

/** Bytes a second since the upload began; undefined when none is going on or nothing can be said yet. */
export function uploadRate(agent: AgentRun, now: number): number | undefined {
	const {phase, outcome, uploadStartedAt, uploadedBytes} = agent;
	if (phase !== 'uploading' || outcome !== undefined || uploadStartedAt === undefined) {
		return undefined;
	}

	const seconds = (now - uploadStartedAt) / 1000;
	return seconds > 0 ? uploadedBytes / seconds : undefined;
}

/** How long the upgrade of an Agent takes or took; before the launch, how long the upload. Milliseconds. */
export function elapsedOf(agent: AgentRun, now: number): number | undefined {
	const {launchedAt, uploadStartedAt, uploadFinishedAt, finishedAt} = agent;
	if (launchedAt !== undefined) {
		return Math.max(0, (finishedAt ?? now) - launchedAt);
	}

	return uploadStartedAt === undefined
		? undefined
		: Math.max(0, (uploadFinishedAt ?? finishedAt ?? now) - uploadStartedAt);
}
