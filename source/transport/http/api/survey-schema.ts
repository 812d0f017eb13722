import * as z from 'zod';
import type {AgentSurvey, MaintenanceFacts} from '../../../domain/agent-survey.ts';
import type {Fields} from './fields.ts';
import {scopes} from './scopes.ts';

const text = z.string().max(2000);
const whole = z.int();
const installed = z.union([z.object({version: text}), z.literal('missing')]);
const texts = z.array(text).max(10_000).readonly();

const shape = {
	hostName: z.exactOptional(text),
	clusterName: z.exactOptional(text),
	members: z.exactOptional(texts),
	failoverTag: z.exactOptional(z.boolean()),
	clock: z.exactOptional(z.object({aheadMs: z.number(), uncertaintyMs: z.number().min(0)})),
	windows: z.exactOptional(z.object({name: text, build: whole, server: z.exactOptional(z.boolean())})),
	dotNetFramework: z.exactOptional(whole),
	aspNetCore: z.exactOptional(texts),
	visualCpp: z.exactOptional(z.object({x64: z.exactOptional(installed), x86: z.exactOptional(installed)})),
	services: z.exactOptional(
		z
			.array(z.object({name: text, displayName: text, running: z.boolean()}))
			.max(10_000)
			.readonly(),
	),
	pendingReboot: z.exactOptional(
		z
			.array(z.enum(['components', 'updates', 'dataminer-files', 'files']))
			.max(10)
			.readonly(),
	),
	fipsEnforced: z.exactOptional(z.boolean()),
	maintenance: z.exactOptional(
		z.object({
			brokerGateway: z.exactOptional(z.boolean()),
			maxUploadSize: z.exactOptional(z.union([z.number(), z.literal('unreadable')])),
			defaultUpgradeOptions: z.boolean(),
			dotNetRemoting: z.exactOptional(z.boolean()),
		} satisfies Fields<MaintenanceFacts>),
	),
	softLaunch: z.exactOptional(z.record(text, z.union([z.boolean(), z.literal('unreadable')])).readonly()),
	connectionSettings: z.exactOptional(
		z.discriminatedUnion('changed', [
			z.object({changed: z.literal(false)}),
			z.object({changed: z.literal(true), what: text}),
		]),
	),
	remotingPort: z.exactOptional(whole),
	redirects: z.exactOptional(texts),
	databases: z.exactOptional(
		z
			.array(z.object({type: text, keyspaces: z.boolean()}))
			.max(1000)
			.readonly(),
	),
	clusterEndpoints: z.exactOptional(z.enum(['complete', 'incomplete', 'missing'])),
	legacyReports: z.exactOptional(z.boolean()),
	srmXmlFiles: z.exactOptional(texts),
	expiredUsers: z.exactOptional(z.boolean()),
	portCheck: z.exactOptional(z.union([z.object({at: z.number(), passed: z.boolean()}), z.literal('never')])),
	ports: z.exactOptional(
		z
			.array(z.object({address: text, port: whole, answer: z.enum(['open', 'refused', 'silent'])}))
			.max(10_000)
			.readonly(),
	),
	taskbarUtility: z.exactOptional(z.boolean()),
	permission: z.exactOptional(z.enum(scopes)),
} satisfies Fields<AgentSurvey>;

/** What one look at an Agent found. */
export const surveySchema: z.ZodType<AgentSurvey> = z.object(shape);
