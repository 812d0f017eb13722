import {UserError} from '../domain/user-error.ts';

/** A file on this computer that was to be sent to an Agent cannot be read. */
export class LocalFileError extends UserError {
	readonly code = 'LOCAL_FILE_UNREADABLE';
	constructor(
		readonly path: string,
		options: ErrorOptions,
	) {
		const {cause} = options;
		super(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, options);
	}

	get nextSteps() {
		return ['Check that the file is still there, and that you may read it.'];
	}
}
