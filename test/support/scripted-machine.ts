import type {
	FileChunk,
	FileFacts,
	FollowOptions,
	Machine,
	ProgramCall,
	ProgramResult,
	UploadOptions,
} from '../../source/agent/machine.ts';

/** A machine in memory: files in a map, programs as a test says. Folders are there when something is in them. */
export class ScriptedMachine implements Machine {
	readonly address = 'agent.example';
	readonly files = new Map<string, {content: Buffer; modifiedAt: number}>();
	readonly calls: string[] = [];
	readonly #programs: (call: ProgramCall) => Partial<ProgramResult> | undefined;
	/** Called for each upload instead of storing the local file, where a test sets it. */
	onUpload: ((path: string, options: UploadOptions) => Promise<void>) | undefined;

	constructor(programs: (call: ProgramCall) => Partial<ProgramResult> | undefined = () => undefined) {
		this.#programs = programs;
	}

	put(path: string, content: string | Buffer, modifiedAt = 0): void {
		this.files.set(path, {content: Buffer.from(content), modifiedAt});
	}

	run(call: ProgramCall): Promise<ProgramResult> {
		this.calls.push([call.program, ...call.args].join(' '));
		const answer = this.#programs(call);
		return Promise.resolve({exitCode: answer ? 0 : 1, stdout: '', stderr: '', ...answer});
	}

	readFile(path: string): Promise<Buffer | undefined> {
		return Promise.resolve(this.files.get(path)?.content);
	}

	writeFile(path: string, content: string | Uint8Array, mode: 'replace' | 'exclusive'): Promise<boolean> {
		if (mode === 'exclusive' && this.files.has(path)) {
			return Promise.resolve(false);
		}

		this.put(path, Buffer.from(content));
		return Promise.resolve(true);
	}

	stat(path: string): Promise<FileFacts | undefined> {
		const file = this.files.get(path);
		if (file) {
			return Promise.resolve({size: file.content.length, modifiedAt: file.modifiedAt, folder: false});
		}

		const folder = [...this.files.keys()].some(name => name.startsWith(`${path}\\`));
		return Promise.resolve(folder ? {size: 0, modifiedAt: 0, folder: true} : undefined);
	}

	list(folder: string): Promise<readonly string[] | undefined> {
		const names = [...this.files.keys()]
			.filter(name => name.startsWith(`${folder}\\`))
			.map(name => name.slice(folder.length + 1).split('\\')[0]!);
		return Promise.resolve(names.length === 0 ? undefined : [...new Set(names)]);
	}

	makeFolder(): Promise<void> {
		return Promise.resolve();
	}

	remove(path: string): Promise<void> {
		for (const name of this.files.keys()) {
			if (name === path || name.startsWith(`${path}\\`)) {
				this.files.delete(name);
			}
		}

		return Promise.resolve();
	}

	rename(from: string, to: string): Promise<void> {
		this.files.set(to, this.files.get(from)!);
		this.files.delete(from);
		return Promise.resolve();
	}

	async upload(_: string, path: string, options: UploadOptions): Promise<void> {
		await this.onUpload?.(path, options);
	}

	async *follow(
		path: string,
		{offset = 0, signal}: FollowOptions,
	): AsyncGenerator<FileChunk, void, undefined> {
		const file = this.files.get(path);
		if (file && file.content.length > offset) {
			yield {bytes: file.content.subarray(offset), offset, restarted: false};
		}

		if (!signal.aborted) {
			await new Promise(resolve => signal.addEventListener('abort', resolve, {once: true}));
		}
	}

	close(): Promise<void> {
		return Promise.resolve();
	}
}
