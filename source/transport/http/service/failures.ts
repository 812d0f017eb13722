import type {FastifyError} from 'fastify';
import {hasZodFastifySchemaValidationErrors} from 'fastify-type-provider-zod';
import {MachineError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {failureToWire, unexpected} from '../api/failure.ts';
import type {App} from './routes.ts';

/** Every refusal has the same shape, and nothing of the inside in it. */
export function tellFailures(app: App): void {
	app.setErrorHandler((error: FastifyError | Error, request, reply) => {
		if (error instanceof UserError) {
			return reply.code(statusOf(error)).send(failureToWire(error));
		}

		if (hasZodFastifySchemaValidationErrors(error)) {
			const wrong = error.validation.map(({instancePath, message}) => `${instancePath} ${message ?? ''}`);
			return reply.code(400).send(refusal(visibleText(wrong.join('; '), 500)));
		}

		const status = 'statusCode' in error ? error.statusCode : undefined;
		if (status !== undefined && status >= 400 && status < 500) {
			return reply.code(status).send(refusal(visibleText(error.message, 300)));
		}

		request.log.error({err: error}, 'a request failed');
		return reply.code(500).send(unexpected);
	});
	app.setNotFoundHandler((_request, reply) =>
		reply.code(404).send({code: 'NOT_FOUND', message: 'there is no such thing.', nextSteps: []}),
	);
}

function refusal(message: string) {
	return {
		code: 'REQUEST_REFUSED',
		message,
		nextSteps: ['What the service takes stands in its /openapi.json.'],
	};
}

function statusOf(error: UserError): number {
	if (error instanceof MachineError) {
		return 502;
	}

	switch (error.code) {
		case 'REQUEST_REFUSED':
		case 'UNSAFE_FILE_NAME':
			return 422;
		case 'NOT_FOUND':
			return 404;
		case 'RATE_LIMITED':
			return 429;
		case 'SERVICE_STOPPING':
			return 503;
		default:
			return 409;
	}
}
