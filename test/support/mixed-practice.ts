import {readFileSync} from 'node:fs';
import type {TestContext} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {UpgradeRequest} from '../../source/domain/plan.ts';
import type {RunEvent} from '../../source/domain/run-event.ts';
import type {LabAgents} from '../../source/lab/lab-settings.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import type {ServiceHost} from '../../source/lab/service-host.ts';
import type {ServeAgent} from '../../source/lab/service-site.ts';
import {type RunLimits, defaultRunLimits} from '../../source/orchestration/run-limits.ts';
import {anHttpAgent} from './an-http-service.ts';
import {eventually} from './eventually.ts';
import {type FinishedRun, type Practice, type PracticeRun, startPractice, usualWarnings} from './practice.ts';
import {aWatchfulAgent} from './a-watchful-agent.ts';

const usualSpeed = 300;
/** The services are heard of so often, and their clients notice within moments that nothing passes any more. */
const serve: ServeAgent = site => serveOnLabAgent(site, {heartbeatMs: 100});
const silenceMs = 400;

/** Agents of which these are reached by the service on them, and the others over SSH. */
export async function practiseMixed(
	{onTestFinished}: Pick<TestContext, 'onTestFinished'>,
	overHttp: LabAgents,
	options: LabOptions,
): Promise<Practice> {
	const practice = await startPractice({speed: usualSpeed, http: {agents: overHttp, serve}, ...options});
	onTestFinished(() => practice.close());
	const connections = practice.session.connections as Map<AgentId, AgentConnection>;
	for (const agent of practice.lab.inventory.agents) {
		const {name, address, service, tokenFile} = agent;
		connections.set(
			name,
			service
				? anHttpAgent(
						{address, port: service.port, plain: false, certificate: service.certificate!},
						readFileSync(tokenFile!, 'utf8').trim(),
						{agent: name, canSwitchOver: service.switchOver, silenceMs},
					)
				: aWatchfulAgent(agent, practice.lab.inventory),
		);
	}

	return practice;
}

/** Begins an upgrade that meets these faults once it is planned, with the limits of DataMiner at the speed of this lab. */
export async function beginMixed(
	{lab, plan, begin}: Practice,
	faults: readonly string[],
	request: Partial<UpgradeRequest> = {},
	more: Partial<RunLimits> = {},
): Promise<PracticeRun> {
	const planned = await plan(lab.packages.full, request);
	for (const fault of faults) {
		await lab.inject(fault);
	}

	const {speed} = lab.inventory;
	const {contact, silence, start} = defaultRunLimits;
	const limits = {contact: contact / speed, silence: silence / speed, start: start / speed, ...more};
	return begin(planned, lab.packages.full, limits, {acknowledged: usualWarnings(planned)});
}

/** The upgrade of `beginMixed`, to its end. */
export async function upgradeMixed(
	practice: Practice,
	faults: readonly string[],
	request?: Partial<UpgradeRequest>,
): Promise<FinishedRun> {
	const run = await beginMixed(practice, faults, request);
	return run.ended;
}

/** Waits for the first event of this type about this Agent. */
export async function untilEventOf(
	{journal}: PracticeRun,
	type: RunEvent['type'],
	agent: AgentId,
): Promise<void> {
	await eventually(
		() => journal.read(0).some(event => event.type === type && 'agent' in event && event.agent === agent),
		{what: `${type} of ${agent}`},
	);
}

export function serviceOnLab({lab}: Practice, agent: AgentId): ServiceHost {
	const service = lab.agents.find(({name}) => name === agent)?.service;
	if (!service) {
		throw new Error(`${agent} has no service.`);
	}

	return service;
}

export function outcomesOf({state}: FinishedRun): Record<string, string | undefined> {
	return Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
}

/** What an upgrade does on an Agent outside of pairs, each of it once. */
export const onceEach = {
	'package-staged': 1,
	'task-started': 1,
	'upgrade-started': 1,
	'version-stamped': 1,
} as const;
