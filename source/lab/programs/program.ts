import type {SimulatedAgent} from '../simulated-agent.ts';

/** One run of a program on a simulated Agent. */
export interface ProgramRun {
	readonly agent: SimulatedAgent;
	/** Where the program is, as a Windows path. */
	readonly path: string;
	/** Without the program itself. */
	readonly args: readonly string[];
	/** A line to stdout. */
	readonly print: (line: string) => void;
	/** A line to stderr. */
	readonly complain: (line: string) => void;
	/** Aborted when the process is killed; the reason is a `Killed`. */
	readonly signal: AbortSignal;
}

/** Resolves with the exit code. */
export type Program = (run: ProgramRun) => Promise<number>;

/** Who or what ends processes. */
export type KilledBy =
	'end of its connection' | 'program that started it' | 'user' | 'reboot' | 'end of the lab';

/** Why a process was killed. */
export class Killed extends Error {
	constructor(readonly by: KilledBy) {
		super(`The process was killed by the ${by}.`);
	}
}
