import {UserError} from '../domain/user-error.ts';

/** The command line says something that cannot be done. */
export class UsageError extends UserError {
	readonly code = 'WRONG_USE';
	constructor(
		message: string,
		readonly nextSteps: readonly string[] = ['dms-upgrade --help shows what can be said.'],
	) {
		super(message);
	}
}
