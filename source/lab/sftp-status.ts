import type {StatusCode} from './sftp-wire.ts';
import {statusCodes} from './sftp-wire.ts';
import {BadPathError} from './windows-drive.ts';

/** A request that is answered with a status other than success. */
export class StatusError extends Error {
	constructor(
		readonly status: StatusCode,
		message: string,
	) {
		super(message);
	}
}

/** What a failed file operation is to an SFTP client. */
export function statusOf(error: unknown): {status: StatusCode; message: string} {
	if (error instanceof StatusError) {
		return {status: error.status, message: error.message};
	}

	if (error instanceof BadPathError) {
		return error.kind === 'denied'
			? {status: statusCodes.permissionDenied, message: 'Permission denied'}
			: {status: statusCodes.failure, message: 'Failure'};
	}

	switch ((error as NodeJS.ErrnoException).code) {
		case 'ENOENT':
		case 'ENOTDIR': {
			return {status: statusCodes.noSuchFile, message: 'No such file'};
		}

		case 'EACCES':
		case 'EPERM':
		case 'EISDIR': {
			return {status: statusCodes.permissionDenied, message: 'Permission denied'};
		}

		default: {
			return {status: statusCodes.failure, message: 'Failure'};
		}
	}
}
