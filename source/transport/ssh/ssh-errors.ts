import {FileOperationError, UnreachableError} from '../../agent/machine-errors.ts';
import {visibleText} from '../../domain/text.ts';

/** What ssh2 adds to the errors of a connection. */
interface LevelledError extends Error {
	readonly level?: string;
	readonly code?: unknown;
	/** Why the server did not open a channel. */
	readonly reason?: unknown;
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
export function connectError(address: string, error: unknown): UnreachableError {
	const {level, code, message} = asError(error);
	const reason =
		level === 'client-timeout'
			? 'its SSH server does not answer'
			: (reasons[String(code)] ?? visibleText(message, 200));
	return new UnreachableError(address, reason, {cause: error});
}

/** Why a server opens no channel. Source: RFC 4254, section 5.1. */
export const openFailure = {prohibited: 1, connectFailed: 2, shortage: 4} as const;

/** Whether a server refused a session, which it does when too many are open. OpenSSH says no more than that it failed. */
export function isSessionRefusal(error: unknown): boolean {
	const {reason} = asError(error);
	return Object.values<unknown>(openFailure).includes(reason);
}

/** Why a jump host did not connect to another host. */
export function forwardError(address: string, jump: string, error: unknown): UnreachableError {
	const {reason, message} = asError(error);
	const said = visibleText(message.replace(/^\(SSH\) Channel open failure: /, ''), 200);
	return new UnreachableError(
		address,
		reason === openFailure.prohibited
			? `${jump} does not connect others to it (AllowTcpForwarding, PermitOpen; “${said}”)`
			: `${jump} cannot connect to it (“${said}”)`,
		{cause: error},
	);
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
