import {XMLParser} from 'fast-xml-parser';
import {meetLineFaults} from '../line-faults.ts';
import type {ScheduledTask} from '../scheduled-tasks.ts';
import type {SimulatedAgent} from '../simulated-agent.ts';
import {englishTime} from '../simulated-time.ts';
import {decodedText} from '../decoded-text.ts';
import type {Program, ProgramRun} from './program.ts';

const namespace = 'http://schemas.microsoft.com/windows/2004/02/mit/task';
const fileMissing = 'ERROR: The system cannot find the file specified.';
const neverRan = '11/30/1999 12:00:00 AM';

/** `schtasks.exe /create|/run|/query|/end|/delete`, as far as one-time tasks from a task file go. */
export const schtasks: Program = async run => {
	const verb = run.args[0]?.toLowerCase();
	switch (verb) {
		case '/create': {
			return create(run);
		}

		case '/run': {
			return onTask(run, task => {
				run.agent.tasks.start(task);
				meetLineFaults(run.agent, 'launch');
				run.print(`SUCCESS: Attempted to run the scheduled task "${task.name}".`);
			});
		}

		case '/delete': {
			if (!hasSwitch(run, '/f')) {
				run.complain('WARNING: Are you sure you want to remove the task (Y/N)?');
				return 1;
			}

			return onTask(run, task => {
				run.agent.tasks.delete(task.name);
				run.print(`SUCCESS: The scheduled task "${task.name}" was successfully deleted.`);
			});
		}

		case '/query': {
			return query(run);
		}

		default: {
			run.complain(`ERROR: Invalid argument/option - '${verb ?? ''}'.\r\nType "SCHTASKS /?" for usage.`);
			return 1;
		}
	}
};

async function create(run: ProgramRun): Promise<number> {
	const name = valueOf(run, '/tn');
	const file = valueOf(run, '/xml');
	if (name === undefined || file === undefined) {
		run.complain('ERROR: Invalid syntax. Mandatory option /tn or /xml is missing.');
		return 1;
	}

	const bytes = await run.agent.drive.readFile(file);
	if (!bytes) {
		run.complain(fileMissing);
		return 1;
	}

	if (run.agent.tasks.find(name) && !hasSwitch(run, '/f')) {
		run.complain(`WARNING: The task name "${name}" already exists. Do you want to replace it (Y/N)?`);
		return 1;
	}

	const task = readTask(bytes);
	if (typeof task === 'string') {
		run.complain(`ERROR: The task XML ${task}`);
		return 1;
	}

	run.agent.tasks.create({...task, name});
	run.print(`SUCCESS: The scheduled task "${name}" has successfully been created.`);
	return 0;
}

type TaskFile = Pick<ScheduledTask, 'author' | 'runAs' | 'command' | 'args'>;

/** What the task file asks for; or, as text, what is wrong with it. */
function readTask(bytes: Buffer): TaskFile | string {
	const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
	const text = decodedText(bytes);
	const declared = /^<\?xml[^>]*encoding="([^"]+)"/i.exec(text)?.[1]?.toUpperCase() ?? 'UTF-8';
	if ((declared === 'UTF-16') !== utf16) {
		return 'is malformed.\r\n(1,40)::unable to switch the encoding';
	}

	if (!/<\/Task>\s*$/.test(text)) {
		return 'is malformed.';
	}

	const parser = new XMLParser({ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false});
	const task = branch(parser.parse(text), 'Task');
	if (task?.['@xmlns'] !== namespace) {
		return 'contains an unexpected namespace.';
	}

	const exec = branch(branch(task, 'Actions'), 'Exec');
	const command = exec?.['Command'];
	if (typeof command !== 'string' || command === '') {
		return 'is missing a required element or attribute.\r\n(1,1):Command:';
	}

	const principal = branch(branch(task, 'Principals'), 'Principal');
	const registration = branch(task, 'RegistrationInfo');
	return {
		command,
		args: textOf(exec?.['Arguments']),
		runAs: principal?.['UserId'] === 'S-1-5-18' ? 'SYSTEM' : textOf(principal?.['UserId']),
		author: textOf(registration?.['Author']) || 'N/A',
	};
}

function query(run: ProgramRun): number {
	const name = valueOf(run, '/tn');
	const found = name === undefined ? undefined : run.agent.tasks.find(name);
	if (name !== undefined && !found) {
		run.complain(fileMissing);
		return 1;
	}

	const verbose = hasSwitch(run, '/v');
	const csv = valueOf(run, '/fo')?.toLowerCase() === 'csv';
	if (!csv || !hasSwitch(run, '/nh')) {
		run.complain("ERROR: The practice cluster's schtasks.exe knows /fo CSV /nh only.");
		return 1;
	}

	for (const task of found ? [found] : run.agent.tasks.all) {
		const fields = verbose ? verboseFields(run.agent, task) : [`\\${task.name}`, 'N/A', statusOf(task)];
		run.print(fields.map(field => `"${field.replaceAll('"', '""')}"`).join(','));
	}

	return 0;
}

function verboseFields(agent: SimulatedAgent, task: ScheduledTask): readonly string[] {
	return [
		agent.name,
		`\\${task.name}`,
		'N/A',
		statusOf(task),
		'Interactive/Background',
		task.lastRun ? englishTime(task.lastRun) : neverRan,
		// As Windows shows it: the upper half of the numbers is negative.
		String(task.lastResult | 0),
		task.author,
		`${task.command} ${task.args}`.trim(),
		'N/A',
		'N/A',
		'Enabled',
		'Disabled',
		'',
		task.runAs,
		'Disabled',
		'Disabled',
		'Scheduling data is not available in this format.',
		'On demand only',
		...Array.from({length: 9}, () => 'N/A'),
	];
}

function statusOf(task: ScheduledTask): string {
	return task.running ? 'Running' : 'Ready';
}

function onTask(run: ProgramRun, act: (task: ScheduledTask) => void): number {
	const task = run.agent.tasks.find(valueOf(run, '/tn') ?? '');
	if (!task) {
		run.complain(fileMissing);
		return 1;
	}

	act(task);
	return 0;
}

function valueOf({args}: ProgramRun, option: string): string | undefined {
	const index = args.findIndex(arg => arg.toLowerCase() === option);
	return index === -1 ? undefined : args[index + 1];
}

function hasSwitch({args}: ProgramRun, option: string): boolean {
	return args.some(arg => arg.toLowerCase() === option);
}

function branch(node: unknown, name: string): Record<string, unknown> | undefined {
	const found =
		typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined;
	return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
