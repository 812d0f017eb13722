import * as z from 'zod';
import type {RunSetup} from './run-journal.ts';

const text = z.string();
const number = z.number();
const flag = z.boolean();

// Loose: what a newer version of the same format adds is kept, and read by whoever knows it.
const version = z.looseObject({
	major: number,
	minor: number,
	month: number,
	week: number,
	cu: number.exactOptional(),
	build: number.exactOptional(),
	label: text.exactOptional(),
	hotfix: z.literal(true).exactOptional(),
});

const packageFacts = z.looseObject({
	file: text,
	size: number,
	kind: z.enum(['full', 'web', 'cumulative', 'tool', 'application', 'unknown']),
	version: version.exactOptional(),
	label: text,
	description: text.exactOptional(),
	prerequisites: z.array(text),
	executor: flag,
	actions: z.array(text),
	restarts: z.enum(['agent', 'web-server', 'nothing', 'unknown']),
	unpackedSize: number,
	problems: z.array(z.looseObject({code: text, severity: z.enum(['block', 'warn', 'info']), message: text})),
});

const switchOver = z.looseObject({from: text, to: text});

const plan = z.looseObject({
	cluster: text,
	goal: z.enum(['upload', 'upgrade']),
	package: packageFacts,
	agents: z.array(text),
	wholeCluster: flag,
	options: z.looseObject({
		ExtractAllFiles: flag,
		DelayedStart: flag,
		AutomaticStartServices: flag,
		StopSNMP: flag,
		RebootAfterUpgrade: flag,
	}),
	policy: z.enum(['Simultaneously', 'BackupFirst', 'BackupFirstWithSwitchback']),
	launch: z
		.union([z.looseObject({by: z.literal('agents')}), z.looseObject({by: z.literal('cluster'), via: text})])
		.exactOptional(),
	bandwidth: number.exactOptional(),
	steps: z.array(
		z.union([
			z.looseObject({kind: z.literal('wave'), agents: z.array(text)}),
			z.looseObject({kind: z.enum(['switch-over', 'switch-back']), pairs: z.array(switchOver)}),
		]),
	),
	warnings: z.array(text),
});

export const operatorSchema = z.looseObject({user: text, host: text});

const acknowledgement = z.looseObject({
	check: text,
	severity: z.literal('warn'),
	summary: text,
	agents: z.array(text),
});

/** What a run is begun with, as the journal keeps it; the inventory stands beside it, unread. */
export const setupSchema = z.looseObject({
	run: text,
	plan,
	operator: operatorSchema,
	packagePath: text,
	packageSha256: text,
	takeOverLocks: flag,
	acknowledged: z.array(acknowledgement),
}) satisfies z.ZodType<Omit<RunSetup, 'inventory'>>;

export const requestSchema = z.looseObject({
	kind: z.enum(['stop', 'retry', 'end']),
	operator: operatorSchema,
	acknowledged: z.array(acknowledgement).exactOptional(),
});
