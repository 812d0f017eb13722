import {FileOperationError, ProgramTimedOutError} from './machine-errors.ts';

/** Resolves to undefined where that cannot be found out; a lost connection is still an error. */
export async function orUnknown<T>(question: Promise<T>): Promise<T | undefined> {
	return question.catch((error: unknown) => {
		if (error instanceof FileOperationError || error instanceof ProgramTimedOutError) {
			return undefined;
		}

		throw error;
	});
}
