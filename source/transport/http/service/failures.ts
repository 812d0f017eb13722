import type {FastifyError, FastifyReply, FastifyRequest} from 'fastify';
import type {Socket} from 'node:net';
import {hasZodFastifySchemaValidationErrors} from 'fastify-type-provider-zod';
import {MachineError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {type WireFailure, failureToWire, unexpected} from '../api/failure.ts';
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
	app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
}

const notFound: WireFailure = {code: 'NOT_FOUND', message: 'there is no such thing.', nextSteps: []};

/** A request that the web framework gives up before any route is asked. */
export function refuseOddRequest(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
	void reply
		.code(error.statusCode ?? 400)
		.header('connection', 'close')
		.send(refusal('this address cannot be read.'));
}

/** Bytes that are no request: too many headers, none in time, or no HTTP at all. `answering`: an answer is due there. */
export function refuseBadBytes(error: Error & {code?: string}, socket: Socket, answering: boolean): void {
	const status = badBytes(error.code);
	if (status !== undefined && socket.writable && !answering) {
		const body = JSON.stringify(refusal('this is no request that the service reads.'));
		socket.write(
			[
				`HTTP/1.1 ${status}`,
				'Content-Type: application/json; charset=utf-8',
				`Content-Length: ${Buffer.byteLength(body)}`,
				'Connection: close',
				'',
				body,
			].join('\r\n'),
		);
	}

	socket.destroySoon();
}

/** Undefined where nobody is there to read an answer, or to whom none can be given. */
function badBytes(code: string | undefined): string | undefined {
	if (code === 'HPE_HEADER_OVERFLOW') {
		return '431 Request Header Fields Too Large';
	}

	if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
		return '408 Request Timeout';
	}

	return code?.startsWith('HPE_') ? '400 Bad Request' : undefined;
}

export function refusal(message: string): WireFailure {
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
		case 'NOT_YOURS':
			return 403;
		case 'CONTENT_TYPE':
			return 415;
		case 'REQUEST_REFUSED':
		case 'UNSAFE_FILE_NAME':
			return 422;
		case 'NOT_FOUND':
			return 404;
		case 'RATE_LIMITED':
			return 429;
		case 'SERVICE_STOPPING':
			return 503;
		case 'DISK_FULL':
			return 507;
		default:
			return 409;
	}
}
