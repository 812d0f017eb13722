import type {App} from './routes.ts';

/** Tells the client from time to time that its request is worked on. Source: RFC 2518, 10.1 (status 102) */
export function letItselfBeHeard(app: App, heartbeatMs: number): void {
	app.addHook('onRequest', ({raw: request}, {raw: response}, done) => {
		// HTTP/1.0 has no such answers.
		if (request.httpVersionMinor >= 1) {
			const timer = setInterval(() => {
				if (response.headersSent) {
					clearInterval(timer);
				} else if (response.socket?.writableNeedDrain === false) {
					// Whoever does not read is told nothing more.
					response.writeProcessing();
				}
			}, heartbeatMs);
			response.once('close', () => clearInterval(timer));
		}

		done();
	});
}
