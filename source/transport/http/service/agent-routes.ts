import * as z from 'zod';
import {
	claimSchema,
	holderSchema,
	identitySchema,
	identityToWire,
	statusSchema,
} from '../api/agent-schemas.ts';
import {failureSchema} from '../api/failure.ts';
import {longestReference} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {surveySchema} from '../api/survey-schema.ts';
import type {App, RouteParts} from './routes.ts';
import {SharedWork} from './shared-work.ts';

const failures = {'4xx': failureSchema, '5xx': failureSchema} as const;
const reference = z.string().min(1).max(longestReference);

/** Questions to the Agent, and what is answered at once. */
export function agentRoutes(app: App, {agent, status, version, now}: RouteParts): void {
	const read = {scope: 'read'} as const;
	// Each of them runs programs on a server that has other things to do, also for clients that have gone away meanwhile.
	const identity = new SharedWork(() => agent.identify());
	const survey = new SharedWork(() => agent.survey());

	app.get(
		'/health',
		{
			config: {scope: 'none'},
			schema: {
				summary: 'Whether the service lives; says nothing about DataMiner',
				response: {200: z.object({status: z.literal('ok')})},
			},
		},
		() => ({status: 'ok' as const}),
	);

	app.get(
		'/version',
		{
			config: read,
			schema: {
				summary: 'The version of the service and of what it offers',
				response: {200: z.object({version: z.string(), api: z.literal(1)}), ...failures},
			},
		},
		() => ({version, api: 1 as const}),
	);

	app.get(
		`${root}/agent`,
		{
			config: read,
			schema: {
				summary: 'Which Agent this is, what can be asked of it, and what time the service has',
				response: {
					200: z.object({agent: z.string(), canSwitchOver: z.boolean(), now: z.number()}),
					...failures,
				},
			},
		},
		() => ({agent: agent.agent, canSwitchOver: agent.canSwitchOver, now: now()}),
	);

	app.get(
		`${root}/identity`,
		{
			config: read,
			schema: {
				summary: 'Who answers here, by the configuration files of DataMiner',
				response: {200: identitySchema, ...failures},
			},
		},
		async () => identityToWire(await identity.ask()),
	);

	app.get(
		`${root}/status`,
		{
			config: read,
			schema: {
				summary: 'State, version, role and free space',
				response: {200: statusSchema, ...failures},
			},
		},
		async () => status.ask(),
	);

	app.get(
		`${root}/survey`,
		{
			config: read,
			schema: {
				summary:
					'A closer look, for readiness; its clock is measured against that of the service; `permission` is what the token allows',
				response: {200: surveySchema, ...failures},
			},
		},
		async request => ({...(await survey.ask()), permission: request.allowed}),
	);

	app.get(
		`${root}/lock`,
		{
			config: read,
			schema: {
				summary: 'Who holds the lock of the Agent',
				response: {200: z.object({holder: z.exactOptional(holderSchema)}), ...failures},
			},
		},
		async () => {
			const holder = await agent.lockHolder();
			return holder ? {holder} : {};
		},
	);

	app.post(
		`${root}/lock/renewals`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Tells that the holder of the lock lives',
				body: claimSchema,
				response: {204: z.null(), ...failures},
			},
		},
		async (request, reply) => {
			await agent.renewLock(request.body);
			return reply.code(204).send(null);
		},
	);

	app.post(
		`${root}/lock/release`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Gives the lock back; content with not holding it',
				body: claimSchema,
				response: {204: z.null(), ...failures},
			},
		},
		async (request, reply) => {
			await agent.releaseLock(request.body);
			return reply.code(204).send(null);
		},
	);

	app.post(
		`${root}/expected-upgrades`,
		{
			config: read,
			schema: {
				summary:
					'Asked before another Agent is told to upgrade this one: by the answer, it can be followed here',
				body: z.strictObject({package: z.string().min(1).max(250)}),
				response: {200: z.object({reference: z.string()}), ...failures},
			},
		},
		async request => agent.expectUpgrade(request.body.package),
	);

	app.post(
		`${root}/launches/forget`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Removes what a launch left on the Agent; the log of the upgrade stays',
				body: z.strictObject({reference}),
				response: {200: z.object({exitCode: z.exactOptional(z.int())}), ...failures},
			},
		},
		async request => {
			const exitCode = await agent.forgetLaunch(request.body);
			return exitCode === undefined ? {} : {exitCode};
		},
	);
}
