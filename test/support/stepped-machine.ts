import {ConnectionLostError, FileOperationError} from '../../source/agent/machine-errors.ts';
import type {FileChunk, FileFacts, Machine, ProgramResult} from '../../source/agent/machine.ts';
import type {Clock} from '../../source/domain/clock.ts';

interface Step {
	readonly act: () => void;
	readonly done: () => void;
	readonly fail: (error: Error) => void;
}

/**
 * Processes on one folder, step by step: every look at the folder and every change of it is a step, and whoever has
 * the schedule in hand decides whose step is next, when time goes on, whose line breaks, and who dies. Also a clock,
 * for all of them.
 */
export class SteppedFolder implements Clock {
	readonly files = new Map<string, {content: string}>();
	readonly #waiting = new Map<string, Step>();
	/** What a process had sent when it died or its line broke; it may still arrive. */
	readonly #underWay: Step[] = [];
	readonly #dead = new Set<string>();
	readonly #sleepers = new Set<{readonly until: number; readonly wake: () => void}>();
	#now = 0;

	now(): number {
		return this.#now;
	}

	sleep(milliseconds: number): Promise<void> {
		return new Promise(wake => this.#sleepers.add({until: this.#now + milliseconds, wake}));
	}

	/** Who has a step to do. */
	get ready(): readonly string[] {
		return [...this.#waiting.keys()];
	}

	get sleeping(): boolean {
		return this.#sleepers.size > 0;
	}

	/** Resolves when the step was done. */
	turn(process: string, act: () => void): Promise<void> {
		return new Promise((done, fail) => {
			if (!this.#dead.has(process)) {
				this.#waiting.set(process, {act, done, fail});
			}
		});
	}

	step(process: string): void {
		const step = this.#waiting.get(process);
		this.#waiting.delete(process);
		step?.act();
		step?.done();
	}

	/** Time goes on until somebody wakes. */
	passTime(): void {
		this.#now = Math.min(...[...this.#sleepers].map(({until}) => until));
		for (const sleeper of [...this.#sleepers].filter(({until}) => until <= this.#now)) {
			this.#sleepers.delete(sleeper);
			sleeper.wake();
		}
	}

	kill(process: string): void {
		this.#dead.add(process);
		this.#leaveUnderWay(process);
	}

	/** The line of a process breaks: it does not know whether its step was done, is not, or will be. */
	cut(process: string): void {
		this.#leaveUnderWay(process)?.fail(new ConnectionLostError('agent.example', 'asking it'));
	}

	/** Lets something arrive that nobody waits for any more; `which` counts from 0. False where there is nothing. */
	arrive(which: number): boolean {
		const [step] = this.#underWay.splice(which % Math.max(1, this.#underWay.length), 1);
		step?.act();
		return step !== undefined;
	}

	#leaveUnderWay(process: string): Step | undefined {
		const step = this.#waiting.get(process);
		this.#waiting.delete(process);
		if (step) {
			this.#underWay.push(step);
		}

		return step;
	}
}

/** How much of what a process asks for is one step. */
export interface StepSize {
	/** A file is there at once with its content, and read at once. */
	readonly wholeFiles?: boolean;
	/** Names are listed at once. Otherwise the server reads them and then looks at each file, as OpenSSH does. */
	readonly wholeListings?: boolean;
}

/** The folder as one process sees it. Only what the lock needs. */
export class SteppedMachine implements Machine {
	readonly address = 'agent.example';
	readonly #folder: SteppedFolder;
	readonly #process: string;
	readonly #size: StepSize;

	constructor(folder: SteppedFolder, process: string, size: StepSize = {}) {
		this.#folder = folder;
		this.#process = process;
		this.#size = size;
	}

	async list(): Promise<readonly string[]> {
		const names = await this.#turn(() => [...this.#folder.files.keys()].map(nameOf));
		if (this.#size.wholeListings) {
			return names;
		}

		return this.#turn(() => {
			const there = new Set([...this.#folder.files.keys()].map(nameOf));
			return names.filter(name => there.has(name));
		});
	}

	async writeFile(
		path: string,
		content: string | Uint8Array,
		mode: 'replace' | 'exclusive',
	): Promise<boolean> {
		if (mode === 'replace') {
			throw new Error('The lock replaces no file.');
		}

		const {wholeFiles = false} = this.#size;
		const file = {content: wholeFiles ? content.toString() : ''};
		const created = await this.#turn(() => {
			if (this.#folder.files.has(path)) {
				return false;
			}

			this.#folder.files.set(path, file);
			return true;
		});
		if (created && content.length > 0 && !wholeFiles) {
			await this.#turn(() => {
				file.content = content.toString();
			});
		}

		return created;
	}

	async readFile(path: string, {maxBytes = 1024}: {maxBytes?: number} = {}): Promise<Buffer | undefined> {
		const file = await this.#turn(() => this.#folder.files.get(path));
		if (file && file.content.length > maxBytes) {
			throw new FileOperationError(this.address, path, 'FILE_TOO_LARGE', 'it is too large');
		}

		return file && !this.#size.wholeFiles
			? this.#turn(() => Buffer.from(file.content))
			: file && Buffer.from(file.content);
	}

	async remove(path: string): Promise<void> {
		await this.#turn(() => this.#folder.files.delete(path));
	}

	makeFolder(): Promise<void> {
		return Promise.resolve();
	}

	stat(): Promise<FileFacts | undefined> {
		return beyondTheLock();
	}

	rename(): Promise<void> {
		return beyondTheLock();
	}

	upload(): Promise<void> {
		return beyondTheLock();
	}

	run(): Promise<ProgramResult> {
		return beyondTheLock();
	}

	follow(): AsyncIterable<FileChunk> {
		throw new Error('The lock follows no file.');
	}

	close(): Promise<void> {
		return Promise.resolve();
	}

	async #turn<Value>(act: () => Value): Promise<Value> {
		let value: Value | undefined;
		await this.#folder.turn(this.#process, () => {
			value = act();
		});
		return value as Value;
	}
}

function nameOf(path: string): string {
	return path.slice(path.lastIndexOf('\\') + 1);
}

function beyondTheLock(): Promise<never> {
	return Promise.reject(new Error('The lock does nothing of that kind.'));
}
