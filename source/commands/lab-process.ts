import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {type Inventory, inventorySchema} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {endAtOnce} from './lab-ending.ts';

/** A practice cluster in a process of its own, so that its work does not slow the screen down. */
export interface LabProcess {
	readonly inventory: Inventory;
	/** Ends it at once. */
	stop(): Promise<void>;
	/**
	 * Lets go of it: this process can end, and the lab stays for whoever uses it. It ends by itself when nobody has for
	 * a while.
	 */
	release(): void;
}

export interface LabProcessOptions {
	readonly agents: number;
	/** Failover pairs among them. Default: one, where there are two Agents. */
	readonly pairs?: number;
	readonly faults: readonly string[];
	readonly speed?: number;
	/** A file with versions, software and settings of single Agents. */
	readonly software?: string;
	/** Which Agents have the HTTP service: `all`, `half`, or names with commas between. Default: none. */
	readonly http?: string;
	/** Seconds without a client after which a lab that was let go of ends. Default 30. */
	readonly linger?: number;
	readonly signal?: AbortSignal;
}

const startLimit = 30_000;
const stopLimit = 5000;

/**
 * Starts it and waits until its Agents can be reached. When this process ends without stopping it, however that comes
 * about, the lab finds out and is left alone as by `release`.
 */
export async function startLabProcess({
	agents,
	pairs = agents > 1 ? 1 : 0,
	faults,
	speed,
	software,
	http,
	linger,
	signal,
}: LabProcessOptions): Promise<LabProcess> {
	const program = process.argv[1];
	if (program === undefined) {
		throw new Error('this process does not know its own program file');
	}

	const child = spawn(
		process.execPath,
		[
			...process.execArgv,
			program,
			'lab',
			`--agents=${agents}`,
			`--pairs=${pairs}`,
			'--json',
			'--until-stdin-closes',
			...(speed === undefined ? [] : [`--speed=${speed}`]),
			...(software === undefined ? [] : [`--software=${software}`]),
			...(http === undefined ? [] : [`--http=${http}`]),
			...(linger === undefined ? [] : [`--linger=${linger}`]),
			...faults.map(fault => `--fault=${fault}`),
		],
		// A session or, on Windows, a console of its own: neither ctrl-c nor the end of the terminal reaches it.
		{stdio: ['pipe', 'pipe', 'pipe'], detached: true, windowsHide: true},
	);
	// It may be gone when we write to it; that it is shows when it closes.
	child.stdin.on('error', () => undefined);
	const stop = () => stopChild(child);
	try {
		return {inventory: await readInventory(child, signal), stop, release: () => letGo(child)};
	} catch (error) {
		await stop();
		throw error;
	}
}

async function readInventory(child: ChildProcess, signal: AbortSignal | undefined): Promise<Inventory> {
	const {stdout, stderr} = child;
	if (!stdout || !stderr) {
		throw new Error('the lab was started without pipes');
	}

	let complaint = '';
	stderr.on('data', (chunk: Buffer) => {
		complaint = (complaint + chunk.toString()).slice(-4000);
	});
	const ended = once(child, 'close').then(() => {
		throw new LabFailedError(complaint);
	});
	// It also ends after it has served its purpose.
	ended.catch(() => undefined);
	const limit = AbortSignal.any([AbortSignal.timeout(startLimit), ...(signal ? [signal] : [])]);
	const line = once(createInterface({input: stdout}), 'line', {signal: limit}) as Promise<[string]>;
	try {
		const [text] = await Promise.race([line, ended]);
		// It says nothing more that anybody reads, and must not stand still on a full pipe.
		stdout.resume();
		return inventorySchema.parse(JSON.parse(text));
	} catch (error) {
		signal?.throwIfAborted();
		throw error instanceof LabFailedError ? error : new LabFailedError(complaint, {cause: error});
	}
}

async function stopChild(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) {
		return;
	}

	const closed = once(child, 'close');
	child.stdin?.end(endAtOnce);
	const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
	await closed;
	clearTimeout(timer);
}

function letGo(child: ChildProcess): void {
	for (const stream of [child.stdin, child.stdout, child.stderr]) {
		stream?.destroy();
	}

	child.unref();
}

/** The practice cluster could not be started. */
export class LabFailedError extends UserError {
	readonly code = 'LAB_FAILED';
	override readonly exitCode = exitCodes.wrongUse;
	readonly nextSteps: readonly string[];
	constructor(complaint: string, options?: ErrorOptions) {
		const [what = '', ...steps] = complaint.trim().split('\n');
		super(
			`The practice cluster could not be started. ${visibleText(what.replace(/^dms-upgrade: /, ''))}`.trim(),
			options,
		);
		this.nextSteps =
			steps.length > 0
				? steps.map(step => visibleText(step.replace(/^\s*→ /, '')))
				: ['Run dms-upgrade lab to see what it says.'];
	}
}
