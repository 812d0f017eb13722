import {AccessDeniedError, MachineError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';

/** What was done to log in. */
export interface LoginReport {
	readonly user: string;
	/** What the server refused, in order. */
	readonly tried: readonly string[];
	/** What was not tried, and why. */
	readonly notes: readonly string[];
	/** The names of the ways that the server offers, as it says last; nothing where it did not say. */
	readonly offered: readonly string[] | undefined;
	/** Whether the server hung up since too many keys were tried. */
	readonly tooMany: boolean;
}

/** No key and no password was good enough for the server. */
export class LoginRefusedError extends AccessDeniedError {
	constructor(
		address: string,
		readonly report: LoginReport,
		options?: ErrorOptions,
	) {
		super(address, reasonOf(report), options);
	}

	override get nextSteps() {
		const {user, offered, tried, tooMany} = this.report;
		const offersKeys = offered?.includes('publickey') ?? true;
		const offersAnswers = offered?.some(way => way === 'password' || way === 'keyboard-interactive') ?? true;
		const triedKeys = tried.some(each => each.startsWith('key '));
		return [
			...(tooMany
				? [
						`Name the right key in the SSH configuration (IdentityFile, with “IdentitiesOnly yes”), so that the others are not tried.`,
					]
				: []),
			`Check that ${visibleText(user, 100)} is the right user on ${this.address}.`,
			...(offersKeys
				? [
						triedKeys
							? 'Check that the server knows one of these keys; Windows keeps those of administrators in C:\\ProgramData\\ssh\\administrators_authorized_keys.'
							: 'Name a private key (IdentityFile in the SSH configuration), or add one to the ssh-agent.',
					]
				: []),
			...(offersAnswers && this.report.notes.some(note => note.includes('nobody'))
				? ['Connect from a terminal, where the password can be asked for.']
				: []),
		];
	}
}

function reasonOf({user, tried, notes, offered, tooMany}: LoginReport): string {
	const shown = tried.slice(0, 10).map(each => visibleText(each, 300));
	const more = tried.length - shown.length;
	const was = shown.length === 0 ? 'nothing could be tried' : `tried ${shown.join(', ')}`;
	return [
		`user ${visibleText(user, 100)}, ${was}${more > 0 ? ` and ${more} more` : ''}`,
		...(tooMany ? ['that was more than the server allows'] : []),
		...notes.slice(0, 10).map(note => visibleText(note, 300)),
		...(offered === undefined
			? []
			: [`the server takes ${visibleText(offered.join(', ') || 'nothing', 200)}`]),
	].join('; ');
}

/** Somebody who was asked for a password did not want to give one. */
export class LoginCancelledError extends AccessDeniedError {
	constructor(
		address: string,
		readonly what: string,
	) {
		super(address, `${what} was asked for and not given`);
	}

	override get nextSteps() {
		return ['Connect again, and answer the question.'];
	}
}

/** The server does not do file transfer, without which nothing can be done there. */
export class NoFileTransferError extends MachineError {
	readonly code = 'NO_FILE_TRANSFER';
	constructor(address: string, options?: ErrorOptions) {
		super(
			address,
			`${address} was reached, but its SSH server offers no file transfer (SFTP), which is needed.`,
			options,
		);
	}

	get nextSteps() {
		return [
			`Turn it on in the sshd_config of ${this.address}: “Subsystem sftp sftp-server.exe” on Windows; then restart its SSH server.`,
			'Check that the program that this line names is there.',
		];
	}
}
