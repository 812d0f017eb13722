import {UserError} from '../domain/user-error.ts';

/** A simulated Agent cannot listen on its port. */
export class LabPortInUseError extends UserError {
	readonly code = 'LAB_PORT_IN_USE';

	constructor(
		address: string,
		readonly port: number,
		denied: boolean,
		options?: ErrorOptions,
	) {
		const reason = denied ? 'this user may not listen there' : 'another program listens there';
		super(`The practice cluster cannot use port ${port} of ${address}: ${reason}.`, options);
	}

	get nextSteps() {
		return ['Leave the port out, so that free ones are taken.', 'Or choose another one above 1024.'];
	}
}

/** The folder for a practice cluster has something in it. Nothing was touched. */
export class LabFolderInUseError extends UserError {
	readonly code = 'LAB_FOLDER_IN_USE';

	constructor(readonly folder: string) {
		super(`The practice cluster cannot use the folder ${folder}: it is not empty.`);
	}

	get nextSteps() {
		return ['Choose a folder that is empty or does not exist yet.'];
	}
}

/** No practice cluster can be made of what was asked for. */
export class LabSettingError extends UserError {
	readonly code = 'LAB_SETTING';

	constructor(reason: string) {
		super(`The practice cluster cannot be started: ${reason}.`);
	}

	readonly nextSteps = ['Choose another value.'];
}
