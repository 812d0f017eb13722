/**
 * A condition that whoever runs the program can meet and do something about. Subclasses carry the data; what the
 * user reads is composed from `message` (what and why) and `nextSteps` (what to do), in one place: `describeError`.
 */
export abstract class UserError extends Error {
	/** Stable and machine-readable; scripts may rely on it. Upper case with underscores. */
	abstract readonly code: string;
	/** What the user can do now, most promising first. Empty only where nothing can be done. */
	abstract readonly nextSteps: readonly string[];
	/** The exit code of a command that ends with this error (README, "Exit codes"). */
	readonly exitCode: ExitCode = exitCodes.wrongUse;
}

/** What a command's exit says. */
export const exitCodes = {
	done: 0,
	wrongUse: 1,
	blocked: 2,
	agentFailed: 3,
	stopped: 4,
	unreachable: 5,
	unknown: 6,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure as data: it goes into events, JSON and onto the screen. */
export interface Failure {
	readonly code: string;
	readonly message: string;
	readonly nextSteps: readonly string[];
}

/** Turns whatever was thrown into a failure that can be shown. Errors that nobody foresaw get code `UNEXPECTED`. */
export function failureOf(error: unknown): Failure {
	if (error instanceof UserError) {
		return {code: error.code, message: error.message, nextSteps: error.nextSteps};
	}

	return {
		code: 'UNEXPECTED',
		message: error instanceof Error ? error.message : String(error),
		nextSteps: ['This is a defect in dms-upgrade: please report it with the command you ran.'],
	};
}
