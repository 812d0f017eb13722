import type {App} from './routes.ts';

/** Writes down what people asked who have a good token, and what they were answered: a line for each request. */
export function logAnswers(app: App): void {
	app.addHook('onRequest', (request, reply, done) => {
		const {raw} = reply;
		raw.once('close', () => {
			if (request.client !== '') {
				const facts = {req: request, status: raw.statusCode, ms: Math.round(reply.elapsedTime)};
				request.log.info(facts, raw.writableFinished ? 'answered' : 'the client went away');
			}
		});
		done();
	});
}
