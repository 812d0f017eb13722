import * as z from 'zod';
import {UserError} from '../../../domain/user-error.ts';
import {progressLineSchema} from '../api/agent-schemas.ts';
import {failureSchema} from '../api/failure.ts';
import {longestReference} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {shortestPollMs} from '../api/polling.ts';
import {sendEvents} from './event-stream.ts';
import type {App, RouteParts} from './routes.ts';
import {stateEvents} from './state-events.ts';

const failures = {'4xx': failureSchema, '5xx': failureSchema} as const;

/** What the Agent does, as it comes about. */
export function streamRoutes(app: App, parts: RouteParts): void {
	const {agent, limits, status} = parts;
	const read = {scope: 'read'} as const;
	/** How many upgrades each client follows. */
	const following = new Map<string, number>();

	app.get(
		`${root}/status/events`,
		{
			config: read,
			schema: {
				summary:
					'State, version and role, as server-sent events: as they are, and whenever they become others',
				description: [
					'The id of an event “state” says which state it is: with Last-Event-ID nothing is told until it is another one.',
					'An event “failure” ends the stream; otherwise it goes on until the client closes it.',
				].join(' '),
				querystring: z.strictObject({
					pollMs: z.coerce.number().int().min(1000).max(60_000).default(5000),
				}),
				headers: z.object({
					'last-event-id': z
						.string()
						.regex(/^[\da-f]{16}$/)
						.optional(),
				}),
				response: {
					200: {
						description: 'Events whose data are such as the answer of “status”',
						content: {'text/event-stream': {schema: z.string()}},
					},
					...failures,
				},
			},
		},
		async (request, reply) => {
			const {pollMs} = request.query;
			const {'last-event-id': told} = request.headers;
			await sendEvents(reply, parts, signal =>
				stateEvents(() => status.ask(), {
					pollMs,
					signal,
					...(told !== undefined && {told}),
				}),
			);
			return reply;
		},
	);

	app.get(
		`${root}/launches/progress`,
		{
			config: read,
			schema: {
				summary: 'The lines of progress.log of a launched upgrade, as server-sent events',
				description: [
					'Each event “line” has as its id the byte at which the next line begins.',
					'With Last-Event-ID it goes on there, and with the parameter “offset” at that byte.',
					'An event “failure” ends the stream; otherwise it goes on until the client closes it.',
				].join(' '),
				querystring: z.strictObject({
					reference: z.string().min(1).max(longestReference),
					offset: z.coerce.number().int().min(0).default(0),
					pollMs: z.coerce.number().int().min(shortestPollMs).max(60_000).default(1000),
				}),
				headers: z.object({
					'last-event-id': z
						.string()
						.regex(/^\d{1,15}$/)
						.optional(),
				}),
				response: {
					200: {
						description: `Events whose data are such as ${JSON.stringify(lineExample)}`,
						content: {'text/event-stream': {schema: z.string()}},
					},
					...failures,
				},
			},
		},
		async (request, reply) => {
			const {client} = request;
			const before = following.get(client) ?? 0;
			if (before >= limits.followingOfClient) {
				throw new FollowsTooManyError(before);
			}

			const {reference, offset, pollMs} = request.query;
			const from = Number(request.headers['last-event-id'] ?? offset);
			following.set(client, before + 1);
			try {
				await sendEvents(reply, parts, async function* (signal) {
					const lines = agent.followProgress({reference}, {offset: from, pollMs, signal});
					for await (const {line, nextOffset} of lines) {
						yield {id: String(nextOffset), event: 'line', data: progressLineSchema.parse(line)};
					}
				});
			} finally {
				// Not as soon as the client has gone: its last look may go on a little longer.
				following.set(client, (following.get(client) ?? 1) - 1);
			}
		},
	);
}

const lineExample = {time: '2026-01-15 10:00:00', type: 'information', message: 'Stopping DataMiner'};

class FollowsTooManyError extends UserError {
	readonly code = 'RATE_LIMITED';
	readonly nextSteps = ['End some of them, or use a token for each program.'];
	constructor(count: number) {
		super(`${count} upgrades are being followed with this token.`);
	}
}
