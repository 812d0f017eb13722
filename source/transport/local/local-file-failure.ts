import {FileOperationError} from '../../agent/machine-errors.ts';

/** Whether a file operation found nothing. */
export function isMissing(error: unknown): boolean {
	const code = codeOf(error);
	return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What the system says of a file operation, in the words of a machine. The path on this computer is left out. */
export function fileFailure(address: string, path: string, what: string, error: unknown): FileOperationError {
	const code = codeOf(error);
	switch (code) {
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return new FileOperationError(address, path, 'FILE_DENIED', `${what} is not allowed`, {cause: error});
		case 'ENOSPC':
		case 'EDQUOT':
			return new FileOperationError(address, path, 'DISK_FULL', `${what} failed, the disk is full`, {
				cause: error,
			});
		default:
			return new FileOperationError(
				address,
				path,
				'FILE_FAILED',
				`${what} failed, the system says ${code ?? 'nothing'}`,
				{cause: error},
			);
	}
}

export function codeOf(error: unknown): string | undefined {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return typeof code === 'string' ? code : undefined;
}
