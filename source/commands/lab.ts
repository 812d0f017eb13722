import type {Readable} from 'node:stream';
import type {ExitCode} from '../domain/user-error.ts';
import {exitCodes} from '../domain/user-error.ts';
import type {Lab, LabOptions} from '../lab/lab.ts';
import {startLab} from '../lab/lab.ts';

export interface LabCommandOptions extends Pick<
	LabOptions,
	'agents' | 'pairs' | 'port' | 'speed' | 'faults' | 'folder' | 'shell'
> {
	/** For stdout: one JSON document, which is also a valid inventory file. */
	readonly write: (text: string) => void;
	/** For stderr: what people need to know. Default: nothing is said. */
	readonly notice?: (text: string) => void;
	/** The document on a single line, for a program that reads it. */
	readonly json?: boolean;
	/** Ends it, like SIGINT, SIGTERM and SIGHUP do. */
	readonly signal?: AbortSignal;
	/** Ends it when `stdin` does: when the process that started it is gone, however it went. */
	readonly untilStdinCloses?: boolean;
	readonly stdin?: Readable;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A practice cluster in the foreground. Resolves when it was told to end and nothing of it is left. */
export async function labCommand(options: LabCommandOptions): Promise<ExitCode> {
	const {write, notice, json = false} = options;
	// Listened to before anything starts, so that nothing stays behind when the end is asked for at once.
	const ending = whenToEnd(options);
	try {
		const lab = await startLab(options);
		try {
			write(`${JSON.stringify(lab.inventory, null, json ? undefined : '\t')}\n`);
			notice?.(howTo(lab));
			await ending.asked;
		} finally {
			await lab.stop();
		}

		return exitCodes.done;
	} finally {
		ending.forget();
	}
}

function whenToEnd({signal, untilStdinCloses = false, stdin = process.stdin}: LabCommandOptions) {
	const {promise, resolve} = Promise.withResolvers<undefined>();
	const end = () => resolve(undefined);
	for (const name of signals) {
		process.on(name, end);
	}

	signal?.addEventListener('abort', end);
	if (signal?.aborted) {
		end();
	}

	if (untilStdinCloses) {
		stdin.once('end', end).once('close', end).once('error', end).resume();
	}

	const forget = () => {
		for (const name of signals) {
			process.off(name, end);
		}

		signal?.removeEventListener('abort', end);
		if (untilStdinCloses) {
			stdin.off('end', end).off('close', end).off('error', end).pause();
		}
	};
	return {asked: promise, forget};
}

function howTo({inventory, packages, folder}: Lab): string {
	const [first] = inventory.agents;
	const login = first
		? `ssh -i ${first.identityFile} -p ${first.port} -o StrictHostKeyChecking=accept-new ${first.user}@${first.address} "sc.exe queryex SLDataMiner"`
		: '';
	return [
		`The practice cluster ${inventory.cluster} runs: ${inventory.agents.map(agent => agent.name).join(', ')}.`,
		`Time passes ${inventory.speed} times faster than in reality.`,
		'',
		`Packages   ${packages.full}`,
		`           ${packages.web}`,
		`           ${packages.tool}`,
		`           ${packages.failing} (a prerequisite of it fails)`,
		`Events     ${folder}/lab-events.ndjson`,
		`Log in     ${login}`,
		'',
		'Press ctrl-c to end it.',
		'',
	].join('\n');
}
