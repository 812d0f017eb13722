import {UserError, exitCodes} from '../domain/user-error.ts';

/** Something that a machine was asked for could not be had. */
export abstract class MachineError extends UserError {
	constructor(
		readonly address: string,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}

	override readonly exitCode = exitCodes.unreachable;
}

/** No connection could be made: no route, refused, no answer in time. */
export class UnreachableError extends MachineError {
	readonly code = 'UNREACHABLE';
	constructor(address: string, reason: string, options?: ErrorOptions) {
		super(address, `${address} cannot be reached: ${reason}.`, options);
	}

	get nextSteps() {
		return [`Check that ${this.address} is on and that nothing blocks the way to it.`];
	}
}

/** The machine answered, but would not let us in. */
export class AccessDeniedError extends MachineError {
	readonly code = 'ACCESS_DENIED';
	constructor(address: string, reason: string, options?: ErrorOptions) {
		super(address, `${address} refused the login: ${reason}.`, options);
	}

	get nextSteps() {
		return ['Check the user name and the key of this Agent in the inventory.'];
	}
}

/** The machine's key is not the one that the inventory names. Nothing was sent. */
export class HostKeyMismatchError extends MachineError {
	readonly code = 'HOST_KEY_MISMATCH';
	constructor(
		address: string,
		readonly known: string,
		readonly offered: string,
	) {
		super(
			address,
			`${address} shows the host key ${offered}, but ${known} is the one known for it. Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [
			`Ask whoever runs ${this.address} whether its key was replaced.`,
			'If so, put the new fingerprint into the inventory.',
		];
	}
}

/** There was a connection, and it ended in the middle of something. */
export class ConnectionLostError extends MachineError {
	readonly code = 'CONNECTION_LOST';
	constructor(address: string, during: string, options?: ErrorOptions) {
		super(address, `The connection to ${address} was lost while ${during}.`, options);
	}

	get nextSteps() {
		return ['Try again; what is already there is not sent twice.'];
	}
}

/** No byte of an upload moved for too long. */
export class UploadStalledError extends MachineError {
	readonly code = 'UPLOAD_STALLED';
	constructor(
		address: string,
		readonly stallMs: number,
	) {
		super(address, `The upload to ${address} stood still for ${Math.round(stallMs / 1000)} s.`);
	}

	get nextSteps() {
		return ['Check the line to this Agent, then upload again; what is already there is not sent twice.'];
	}
}

/** A program did not end in time. It may still be running there. */
export class ProgramTimedOutError extends MachineError {
	readonly code = 'PROGRAM_TIMED_OUT';
	constructor(
		address: string,
		readonly program: string,
		timeoutMs: number,
	) {
		super(address, `${program} on ${address} did not end within ${Math.round(timeoutMs / 1000)} s.`);
	}

	get nextSteps() {
		return [`Look at ${this.program} in the Task Manager of ${this.address}.`];
	}
}

/** A file operation was refused. */
export class FileOperationError extends MachineError {
	readonly code: 'FILE_DENIED' | 'DISK_FULL' | 'FILE_TOO_LARGE' | 'FILE_FAILED';
	constructor(
		address: string,
		readonly path: string,
		code: 'FILE_DENIED' | 'DISK_FULL' | 'FILE_TOO_LARGE' | 'FILE_FAILED',
		reason: string,
		options?: ErrorOptions,
	) {
		super(address, `${path} on ${address}: ${reason}.`, options);
		this.code = code;
	}

	get nextSteps() {
		return this.code === 'DISK_FULL'
			? [`Free space on ${this.address}, then try again.`]
			: [`Check the path and the rights of the user on ${this.address}.`];
	}
}
