import {certutil} from './programs/certutil.ts';
import {chcp} from './programs/chcp.ts';
import {bpaExecutor} from './programs/bpa-executor.ts';
import {fsutil} from './programs/fsutil.ts';
import {hostname} from './programs/hostname.ts';
import {powershell} from './programs/powershell.ts';
import type {Program} from './programs/program.ts';
import {Killed} from './programs/program.ts';
import {reg} from './programs/reg.ts';
import {sc} from './programs/sc.ts';
import {schtasks} from './programs/schtasks.ts';
import {switchOver} from './programs/switch-over.ts';
import {taskbarUtility} from './programs/taskbar-utility.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {BadPathError, fileNameOf} from './windows-drive.ts';
import {argumentsOf} from './windows-shell.ts';

/** Found without a path, as what is in `System32` is. */
const systemPrograms: ReadonlyMap<string, Program> = new Map([
	['sc.exe', sc],
	['fsutil.exe', fsutil],
	['certutil.exe', certutil],
	['schtasks.exe', schtasks],
	['powershell.exe', powershell],
	['hostname.exe', hostname],
	['reg.exe', reg],
	['chcp.com', chcp],
]);

const programs: ReadonlyMap<string, Program> = new Map([
	...systemPrograms,
	['sltaskbarutility.exe', taskbarUtility],
	['standalonebpaexecutor.exe', bpaExecutor],
	['switchover.exe', switchOver],
]);

/** DBG_TERMINATE_PROCESS: what a process that the shutdown killed leaves as its exit code. */
export const killedByShutdown = 0x40_01_00_04;
/** STATUS_CONTROL_C_EXIT */
const killed = 0xc0_00_01_3a;
/** What an unhandled .NET exception leaves. */
const crashed = 0xe0_43_43_52;

export interface ProcessOutput {
	write(text: string): void;
	writeError(text: string): void;
}

/** A process that runs for as long as nobody ends it. */
export interface ResidentProcess {
	/** Aborted when it is killed; the reason is a `Killed`. */
	readonly signal: AbortSignal;
	kill(reason: Killed): void;
}

/** A program that was found, with its arguments. */
export interface Invocation {
	readonly program: Program;
	readonly path: string;
	readonly args: readonly string[];
}

/** The processes of one simulated Agent. */
export class Processes {
	readonly #running = new Map<AbortController, Pick<Invocation, 'path' | 'args'>>();

	constructor(private readonly agent: SimulatedAgent) {}

	/** Undefined where there is no such program. */
	async find(commandLine: string, addsExtension: boolean): Promise<Invocation | undefined> {
		const [name = '', ...args] = argumentsOf(commandLine);
		return this.locate(name, args, addsExtension);
	}

	/** The same for a program that is not started by a text: its arguments arrive as they are. */
	async locate(
		name: string,
		args: readonly string[],
		addsExtension: boolean,
	): Promise<Invocation | undefined> {
		const path = addsExtension && !/\.[a-z]{3}$/i.test(name) ? `${name}.exe` : name;
		const program = programs.get(fileNameOf(path).toLowerCase());
		if (!program) {
			return undefined;
		}

		if (!/[\\/:]/.test(path)) {
			const system = systemPrograms.get(path.toLowerCase());
			return system && {program: system, path: `C:\\Windows\\System32\\${path}`, args};
		}

		return (await this.#exists(path)) ? {program, path, args} : undefined;
	}

	/** Resolves with the exit code, also when the process was killed; `connection` kills it when aborted. */
	async run(call: Invocation, output: ProcessOutput, connection?: AbortSignal): Promise<number> {
		return this.agent.track(this.#run(call, output, connection));
	}

	/** A process whose work is done elsewhere; here it lives and is killed as every other one. */
	begin(path: string, args: readonly string[]): ResidentProcess {
		const {agent} = this;
		const process = new AbortController();
		const {signal} = process;
		const program = fileNameOf(path);
		this.#running.set(process, {path, args});
		agent.events.note(agent.name, 'program-started', {program, arguments: args.join(' ')});
		signal.addEventListener('abort', () => {
			this.#running.delete(process);
			const exitCode = this.#killedCode(signal);
			agent.events.note(agent.name, 'program-ended', {program, exitCode});
		});
		return {signal, kill: reason => process.abort(reason)};
	}

	killAll(reason: Killed): void {
		for (const process of [...this.#running.keys()]) {
			process.abort(reason);
		}
	}

	/** How many run of this program that were started with this text among their arguments; case does not matter. */
	count(program: string, text: string): number {
		return [...this.#running.values()].filter(
			({path, args}) =>
				fileNameOf(path).toLowerCase() === program.toLowerCase() &&
				args.join(' ').toLowerCase().includes(text.toLowerCase()),
		).length;
	}

	async #run(call: Invocation, output: ProcessOutput, connection?: AbortSignal): Promise<number> {
		const {agent} = this;
		const process = new AbortController();
		const signal = connection ? AbortSignal.any([process.signal, connection]) : process.signal;
		const program = fileNameOf(call.path);
		this.#running.set(process, call);
		agent.events.note(agent.name, 'program-started', {program, arguments: call.args.join(' ')});
		let exitCode = crashed;
		try {
			signal.throwIfAborted();
			exitCode = await call.program({
				agent,
				path: call.path,
				args: call.args,
				print: line => output.write(`${line}\r\n`),
				complain: line => output.writeError(`${line}\r\n`),
				signal,
			});
		} catch (error) {
			exitCode = this.#exitCodeOf(error, signal, output);
		} finally {
			this.#running.delete(process);
			agent.events.note(agent.name, 'program-ended', {program, exitCode});
		}

		return exitCode;
	}

	#exitCodeOf(error: unknown, signal: AbortSignal, output: ProcessOutput): number {
		if (signal.aborted || this.agent.time.ended.aborted) {
			return this.#killedCode(signal);
		}

		output.writeError(`${error instanceof Error ? error.message : String(error)}\r\n`);
		return error instanceof BadPathError ? 1 : crashed;
	}

	#killedCode({reason}: AbortSignal): number {
		return reason instanceof Killed && reason.by === 'reboot' ? killedByShutdown : killed;
	}

	async #exists(path: string): Promise<boolean> {
		try {
			return await this.agent.drive.hasFile(path);
		} catch (error) {
			if (error instanceof BadPathError) {
				return false;
			}

			throw error;
		}
	}
}
