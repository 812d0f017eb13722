import {type FastifyReply, type FastifyRequest, LogController} from 'fastify';

/** Writes down what people asked who have a good token, and what they were answered: a line for each request. */
export class AnswerLog extends LogController {
	constructor() {
		super({disableRequestLogging: ({client}) => client === ''});
	}

	override incomingRequest(): void {
		// Who asks is not known yet.
	}

	override requestCompleted(
		error: Error | null | undefined,
		request: FastifyRequest,
		reply: FastifyReply,
	): void {
		if (!this.isLogDisabled(request)) {
			const facts = {req: request, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime)};
			request.log.info(facts, error ? 'the client went away' : 'answered');
		}
	}
}
