import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {type Inventory, inventorySchema} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';

/** A practice cluster in a process of its own, so that its work does not slow the screen down. */
export interface LabProcess {
	readonly inventory: Inventory;
	stop(): Promise<void>;
}

export interface LabProcessOptions {
	readonly agents: number;
	/** Failover pairs among them. Default: one, where there are two Agents. */
	readonly pairs?: number;
	readonly faults: readonly string[];
	readonly speed?: number;
	readonly signal?: AbortSignal;
}

const startLimit = 30_000;
const stopLimit = 5000;

/** Starts it and waits until its Agents can be reached. It ends when stopped, and when this process ends. */
export async function startLabProcess({
	agents,
	pairs = agents > 1 ? 1 : 0,
	faults,
	speed,
	signal,
}: LabProcessOptions): Promise<LabProcess> {
	const program = process.argv[1];
	if (program === undefined) {
		throw new Error('this process does not know its own program file');
	}

	const child = spawn(
		process.execPath,
		[
			program,
			'lab',
			`--agents=${agents}`,
			`--pairs=${pairs}`,
			'--json',
			'--until-stdin-closes',
			...(speed === undefined ? [] : [`--speed=${speed}`]),
			...faults.map(fault => `--fault=${fault}`),
		],
		// A session of its own: ctrl-c in the terminal is for us, and we end it by closing its standard input.
		{stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true},
	);
	const stop = () => stopChild(child);
	try {
		return {inventory: await readInventory(child, signal), stop};
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
	child.stdin?.end();
	const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
	await closed;
	clearTimeout(timer);
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
