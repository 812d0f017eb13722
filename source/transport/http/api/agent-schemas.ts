import * as z from 'zod';
import type {
	AgentIdentity,
	AgentStatus,
	PrerequisiteResult,
	ProgressLine,
} from '../../../domain/agent-status.ts';
import type {LockHolder} from '../../../domain/run-event.ts';
import type {UpgradeOptions} from '../../../domain/upgrade-options.ts';
import type {Version} from '../../../domain/version.ts';
import type {LockClaim} from '../../../agent/connection.ts';
import type {Fields} from './fields.ts';

/*
 * What goes over the line about an Agent, as schemas: the service checks requests and writes its OpenAPI document
 * with them, and the client checks the answers.
 */

/** A line of text. */
export const words = z.string().max(2000);
const name = z.string().max(300);
const count = z.int().min(0);

export const identitySchema = z.object({
	dataMinerId: z.exactOptional(count),
	name,
	clusterName: z.exactOptional(name),
	members: z.array(name).max(2000),
	memberIds: z.exactOptional(z.record(name, count)),
	ownAddress: z.exactOptional(name),
	failoverWith: z.exactOptional(z.array(name).max(2000)),
} satisfies Fields<AgentIdentity>);

export function identityToWire({memberIds, members, failoverWith, ...identity}: AgentIdentity) {
	return {
		...identity,
		members: [...members],
		...(failoverWith && {failoverWith: [...failoverWith]}),
		...(memberIds && {memberIds: Object.fromEntries(memberIds)}),
	};
}

export function identityFromWire({memberIds, ...identity}: z.infer<typeof identitySchema>): AgentIdentity {
	return {...identity, ...(memberIds && {memberIds: new Map(Object.entries(memberIds))})};
}

const versionSchema: z.ZodType<Version> = z.object({
	major: count,
	minor: count,
	month: count,
	week: count,
	cu: z.exactOptional(count),
	build: z.exactOptional(count),
	label: z.exactOptional(name),
	hotfix: z.exactOptional(z.literal(true)),
} satisfies Fields<Version>);

export const statusSchema: z.ZodType<AgentStatus> = z.object({
	state: z.enum(['Running', 'Starting', 'Stopping', 'Not running', 'Switching', 'Unknown', 'Disconnected']),
	version: z.exactOptional(versionSchema),
	versionStamp: z.exactOptional(words),
	role: z.exactOptional(z.enum(['online', 'offline', 'unknown'])),
	freeBytes: z.exactOptional(z.number().min(0)),
	processId: z.exactOptional(count),
	upgradeInProgress: z.exactOptional(words),
} satisfies Fields<AgentStatus>);

export const holderSchema: z.ZodType<LockHolder> = z.object({
	run: name.min(1),
	operator: z.object({user: name.min(1), host: name.min(1)}),
	since: z.int().min(0).max(8.64e15),
});

export const claimSchema: z.ZodType<LockClaim> = z.object({
	run: name.min(1),
	operator: z.object({user: name.min(1), host: name.min(1)}),
	since: z.int().min(0).max(8.64e15),
	/** Tells one runner of a run from the next; unguessable. */
	token: z.string().min(8).max(200),
});

/** Hexadecimal, lower case. */
export const sha256Schema = z.string().regex(/^[\da-f]{64}$/);

export const optionsSchema: z.ZodType<UpgradeOptions> = z.strictObject({
	ExtractAllFiles: z.boolean(),
	DelayedStart: z.boolean(),
	AutomaticStartServices: z.boolean(),
	StopSNMP: z.boolean(),
	RebootAfterUpgrade: z.boolean(),
});

export const prerequisiteResultSchema: z.ZodType<PrerequisiteResult> = z.object({
	check: name,
	outcome: z.enum(['passed', 'failed', 'could not run']),
	message: z.string().max(20_000),
});

export const progressLineSchema: z.ZodType<ProgressLine> = z.object({
	time: z.exactOptional(name),
	type: name,
	message: z.string().max(100_000),
});
