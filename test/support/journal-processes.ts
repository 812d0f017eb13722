import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {build} from 'esbuild';

/** `journal-process.ts` as one file, which starts several times faster than its sources. */
export async function bundleJournalProcess(): Promise<{file: string; remove: () => Promise<void>}> {
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-bundle-'));
	const file = path.join(folder, 'journal-process.mjs');
	await build({
		entryPoints: [path.join(import.meta.dirname, 'journal-process.ts')],
		bundle: true,
		platform: 'node',
		format: 'esm',
		outfile: file,
		logLevel: 'error',
	});
	return {file, remove: () => rm(folder, {recursive: true, force: true})};
}

/** A process with a journal open, which does what it is told. */
export class JournalProcess {
	readonly #child: ChildProcess;
	readonly #answers: unknown[] = [];
	readonly #waiting: ((answer: unknown) => void)[] = [];
	stderr = '';

	constructor(file: string, folder: string) {
		this.#child = spawn(process.execPath, [file, folder], {stdio: 'pipe'});
		this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
			this.stderr += text;
		});
		createInterface({input: this.#child.stdout!}).on('line', line => {
			const answer: unknown = JSON.parse(line);
			const waiting = this.#waiting.shift();
			if (waiting) {
				waiting(answer);
			} else {
				this.#answers.push(answer);
			}
		});
	}

	/** Everything that it answered and nobody asked for. */
	get answers(): readonly unknown[] {
		return this.#answers;
	}

	tell(line: string): void {
		this.#child.stdin!.write(`${line}\n`);
	}

	ask(line: string): Promise<unknown> {
		const answer = new Promise(resolve => this.#waiting.push(resolve));
		this.tell(line);
		return answer;
	}

	/** As the system does when it runs out of memory: nothing of it runs any more. */
	async kill(): Promise<void> {
		await this.#end(() => this.#child.kill('SIGKILL'));
	}

	async end(): Promise<void> {
		await this.#end(() => this.#child.stdin!.end());
	}

	async #end(act: () => void): Promise<void> {
		if (this.#child.exitCode === null && this.#child.signalCode === null) {
			const closed = once(this.#child, 'close');
			act();
			await closed;
		}
	}
}
