import {SteppedFolder, SteppedMachine} from './stepped-machine.ts';

export type FolderOperation = 'list' | 'write' | 'read' | 'remove';

/** A stepped folder on which everybody goes on at once: time passes as a test says, and what goes wrong does too. */
export class LivelyFolder extends SteppedFolder {
	time = Date.UTC(2026, 0, 15);
	/** What each step takes, in milliseconds. */
	stepMs = 0;
	/** What others do while somebody sleeps. */
	meanwhile: () => Promise<unknown> | undefined = () => undefined;
	/** Called before each operation; what it throws is how that ends, with nothing done. */
	before: (operation: FolderOperation, path: string) => void = () => undefined;

	override now(): number {
		return this.time;
	}

	override async sleep(milliseconds: number): Promise<void> {
		this.time += milliseconds;
		await this.meanwhile();
	}

	override turn(_process: string, act: () => void): Promise<void> {
		this.time += this.stepMs;
		act();
		return Promise.resolve();
	}
}

/** The machine whose folder that is. */
export class LivelyMachine extends SteppedMachine {
	readonly #folder: LivelyFolder;

	constructor(folder: LivelyFolder) {
		super(folder, 'anybody');
		this.#folder = folder;
	}

	override async list(): Promise<readonly string[]> {
		this.#folder.before('list', '');
		return super.list();
	}

	override async writeFile(...args: Parameters<SteppedMachine['writeFile']>): Promise<boolean> {
		this.#folder.before('write', args[0]);
		return super.writeFile(...args);
	}

	override async readFile(...args: Parameters<SteppedMachine['readFile']>): Promise<Buffer | undefined> {
		this.#folder.before('read', args[0]);
		return super.readFile(...args);
	}

	override async remove(path: string): Promise<void> {
		this.#folder.before('remove', path);
		return super.remove(path);
	}
}
