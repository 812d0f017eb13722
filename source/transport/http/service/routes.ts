import type {FastifyBaseLogger, FastifyInstance, RawServerDefault} from 'fastify';
import type {IncomingMessage, ServerResponse} from 'node:http';
import type {ZodTypeProvider} from 'fastify-type-provider-zod';
import type {AgentStatus} from '../../../domain/agent-status.ts';
import type {ServedAgent} from './served-agent.ts';
import type {ServiceLimits} from './service-limits.ts';
import type {Operations} from './operations.ts';
import type {SharedWork} from './shared-work.ts';
import type {TestSets} from './test-sets.ts';
import type {Uploads} from './uploads.ts';

/** The program's web framework, with schemas of zod. */
export type App = FastifyInstance<
	RawServerDefault,
	IncomingMessage,
	ServerResponse,
	FastifyBaseLogger,
	ZodTypeProvider
>;

/** What the routes work with. */
export interface RouteParts {
	readonly agent: ServedAgent;
	/** Looks how the Agent is. */
	readonly status: SharedWork<AgentStatus>;
	readonly limits: ServiceLimits;
	/** Of this program. */
	readonly version: string;
	readonly operations: Operations;
	readonly uploads: Uploads;
	readonly testSets: TestSets;
	readonly now: () => number;
	readonly stopping: AbortSignal;
}
