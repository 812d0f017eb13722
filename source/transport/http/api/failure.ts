import * as z from 'zod';
import {AgentError, ConnectionCannotError} from '../../../agent/connection.ts';
import {
	AgentLockedError,
	LockLostError,
	LockTooSlowError,
	StaleLockError,
} from '../../../agent/lock-errors.ts';
import {
	AccessDeniedError,
	ConnectionLostError,
	FileOperationError,
	UnreachableError,
	UploadStalledError,
} from '../../../agent/machine-errors.ts';
import {UnsafeFileNameError} from '../../../agent/windows-path.ts';
import type {AgentId} from '../../../domain/agent.ts';
import {UserError, exitCodes} from '../../../domain/user-error.ts';
import {holderSchema} from './agent-schemas.ts';

/** A failure as it goes over the line: *what and why*, *what to do*, and for some codes the data behind it. */
export const failureSchema = z.object({
	/** Stable; scripts may rely on it. */
	code: z.string().regex(/^[A-Z][A-Z\d_]{0,60}$/),
	message: z.string().max(4000),
	nextSteps: z.array(z.string().max(2000)).max(20),
	holder: z.exactOptional(holderSchema),
	staleMs: z.exactOptional(z.number()),
	fileName: z.exactOptional(z.string().max(1000)),
	path: z.exactOptional(z.string().max(1000)),
});

export type WireFailure = z.infer<typeof failureSchema>;

/** Nothing of what nobody foresaw goes to the client: it could tell about the inside of the Agent. */
export const unexpected: WireFailure = {
	code: 'UNEXPECTED',
	message: 'The service met an error that it did not foresee.',
	nextSteps: ['Look at the log of the service on the Agent.'],
};

export function failureToWire(error: unknown): WireFailure {
	if (!(error instanceof UserError)) {
		return unexpected;
	}

	const holder = 'holder' in error ? holderSchema.safeParse(error.holder).data : undefined;
	return {
		code: error.code,
		message: error.message.slice(0, 4000),
		nextSteps: error.nextSteps.map(step => step.slice(0, 2000)).slice(0, 20),
		...(holder && {holder}),
		...('staleMs' in error && typeof error.staleMs === 'number' && {staleMs: error.staleMs}),
		...('fileName' in error && typeof error.fileName === 'string' && {fileName: error.fileName}),
		...(error instanceof FileOperationError && {path: error.path}),
	};
}

/** The error that the same condition would be without a line between. */
export function failureFromWire(agent: AgentId, address: string, failure: WireFailure): UserError {
	const {code, message, nextSteps, holder, staleMs = 0, fileName, path = ''} = failure;
	const known = (error: UserError) => Object.assign(error, {message});
	switch (code) {
		case 'AGENT_LOCKED':
			return holder ? new AgentLockedError(agent, holder) : new ServiceError(agent, failure);
		case 'LOCK_STALE':
			return holder ? new StaleLockError(agent, holder, staleMs) : new ServiceError(agent, failure);
		case 'LOCK_LOST':
			return new LockLostError(agent, holder);
		case 'LOCK_TOO_SLOW':
			return known(new LockTooSlowError(agent, 0));
		case 'UNSAFE_FILE_NAME':
			return new UnsafeFileNameError(fileName ?? '');
		case 'CONNECTION_CANNOT':
			return known(new ConnectionCannotError(agent, '', nextSteps));
		case 'CONNECTION_LOST':
			return known(new ConnectionLostError(address, ''));
		case 'UNREACHABLE':
			return known(new UnreachableError(address, ''));
		case 'ACCESS_DENIED':
			return known(new AccessDeniedError(address, ''));
		case 'UPLOAD_STALLED':
			return known(new UploadStalledError(address, staleMs));
		case 'FILE_DENIED':
		case 'FILE_TOO_LARGE':
		case 'FILE_FAILED':
			return known(new FileOperationError(address, path, code, ''));
		case 'TOKEN_REFUSED':
		case 'SCOPE_MISSING':
		case 'RATE_LIMITED':
		case 'REQUEST_REFUSED':
		case 'NOT_FOUND':
		case 'SERVICE_STOPPING':
			return new ServiceError(agent, failure);
		default:
			return new AgentError(agent, code, message, nextSteps);
	}
}

/** The service on the Agent refused a request. */
export class ServiceError extends UserError {
	readonly code: string;
	readonly nextSteps: readonly string[];
	override readonly exitCode = exitCodes.unreachable;
	constructor(
		readonly agent: AgentId,
		{code, message, nextSteps}: WireFailure,
	) {
		super(`The service on ${agent} refused: ${message}`);
		this.code = code;
		this.nextSteps = nextSteps;
	}
}
