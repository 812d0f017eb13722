import {
	AccessDeniedError,
	FileOperationError,
	type MachineError,
	UnreachableError,
} from '../../agent/machine-errors.ts';
import {visibleText} from '../../domain/text.ts';

/** What ssh2 adds to the errors of a connection. */
interface LevelledError extends Error {
	readonly level?: string;
	readonly code?: unknown;
}

const reasons: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'nothing listens there',
	ECONNRESET: 'it closed the connection',
	EHOSTUNREACH: 'there is no route to it',
	ENETUNREACH: 'there is no route to it',
	ENOTFOUND: 'its name cannot be resolved',
	EAI_AGAIN: 'its name cannot be resolved',
	ETIMEDOUT: 'it does not answer',
};

/** Why no connection came about. */
export function connectError(address: string, error: unknown): MachineError {
	const {level, code, message} = asError(error);
	if (level === 'client-authentication') {
		return new AccessDeniedError(address, 'the server does not accept this user with this key', {
			cause: error,
		});
	}

	if (message.startsWith('Cannot parse privateKey')) {
		return new AccessDeniedError(address, 'the private key cannot be read, or has a passphrase', {
			cause: error,
		});
	}

	const reason =
		level === 'client-timeout'
			? 'its SSH server does not answer'
			: (reasons[String(code)] ?? visibleText(message, 200));
	return new UnreachableError(address, reason, {cause: error});
}

/** The status codes of SFTP that mean something to us. Source: draft-ietf-secsh-filexfer-02, section 7 */
export const sftpStatus = {endOfFile: 1, noSuchFile: 2, denied: 3, failure: 4} as const;

export function sftpCode(error: unknown): number | undefined {
	const code = asError(error).code;
	return typeof code === 'number' ? code : undefined;
}

/** A file operation that the server answered with an error. */
export function fileError(address: string, path: string, what: string, error: unknown): FileOperationError {
	const message = asError(error).message;
	const said = visibleText(message, 200);
	if (sftpCode(error) === sftpStatus.denied) {
		return new FileOperationError(address, path, 'FILE_DENIED', `${what} is not allowed`, {cause: error});
	}

	return /no space|disk (?:is )?full|not enough space|quota/i.test(message)
		? new FileOperationError(address, path, 'DISK_FULL', `${what} failed, the disk is full`, {cause: error})
		: new FileOperationError(address, path, 'FILE_FAILED', `${what} failed, the server says “${said}”`, {
				cause: error,
			});
}

function asError(error: unknown): LevelledError {
	return error instanceof Error ? error : new Error(String(error));
}
