import type {Readable} from 'node:stream';
import type {ExitCode} from '../domain/user-error.ts';
import {exitCodes} from '../domain/user-error.ts';
import type {Lab, LabInventory, LabOptions} from '../lab/lab.ts';
import {startLab} from '../lab/lab.ts';
import {webApiLogin} from '../lab/web-api-site.ts';
import {type LingerLimits, defaultLingerLimits, listenForEnd, untilUnused} from './lab-ending.ts';
import {systemClock} from './system-clock.ts';

export interface LabCommandOptions extends Pick<
	LabOptions,
	'agents' | 'pairs' | 'port' | 'speed' | 'faults' | 'folder' | 'shell' | 'software' | 'http' | 'webApi'
> {
	/** For stdout: one JSON document, which is also a valid inventory file. */
	readonly write: (text: string) => void;
	/** For stderr: what people need to know. Default: nothing is said. */
	readonly notice?: (text: string) => void;
	/** The document on a single line, for a program that reads it. */
	readonly json?: boolean;
	/** Ends it, like SIGINT, SIGTERM and SIGHUP do. */
	readonly signal?: AbortSignal;
	/**
	 * For a lab that another process starts. When `stdin` closes, that process is gone, however it went: the lab stays
	 * for whoever uses it, and ends when nobody does any more. It ends at once when it reads `end` there before.
	 */
	readonly untilStdinCloses?: boolean;
	readonly stdin?: Readable;
	/** How long it stays then. */
	readonly linger?: Partial<LingerLimits>;
}

/** A practice cluster in the foreground. Resolves when it was told to end and nothing of it is left. */
export async function labCommand(options: LabCommandOptions): Promise<ExitCode> {
	const {write, notice, json = false, signal, untilStdinCloses = false, stdin = process.stdin} = options;
	// Listened to before anything starts, so that nothing stays behind when the end is asked for at once.
	const ending = listenForEnd(signal, untilStdinCloses ? stdin : undefined);
	try {
		const lab = await startLab(options);
		try {
			write(`${JSON.stringify(lab.inventory, null, json ? undefined : '\t')}\n`);
			notice?.(howTo(lab));
			if ((await ending.asked) === 'when unused') {
				const limits = {...defaultLingerLimits, ...options.linger};
				await untilUnused(() => lab.use, limits, systemClock, ending.atOnce);
			}
		} finally {
			await lab.stop();
		}

		return exitCodes.done;
	} finally {
		ending.forget();
	}
}

function howTo({inventory, packages, folder, agents}: Lab): string {
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
		...overHttp(inventory),
		...onWeb(agents),
		'',
		'Press ctrl-c to end it.',
		'',
	].join('\n');
}

/** Those whose web API can be asked. */
function onWeb(agents: Lab['agents']): readonly string[] {
	const asked = agents.flatMap(({webApi, address}) => (webApi ? [`http://${address}:${webApi.port}`] : []));
	const {login, password} = webApiLogin;
	return asked.length === 0
		? []
		: [`Web API    ${asked.slice(0, 8).join(' ')}`, `           ${login}, with the password “${password}”`];
}

/** The first Agent that has the HTTP service, for whoever wants to look at it. */
function overHttp({agents}: LabInventory): readonly string[] {
	const [first, ...others] = agents.filter(({service}) => service);
	return first?.service
		? [
				`Over HTTP  ${[first, ...others].map(({name}) => name).join(', ')}`,
				`           curl --insecure -H "Authorization: Bearer $(cat ${first.tokenFile})" https://${first.address}:${first.service.port}/v1/status`,
			]
		: [];
}
