import {openPackage} from '../../package/open-package.ts';
import type {OpenPackage} from '../../package/open-package.ts';
import {PackageError} from '../../package/package-errors.ts';
import {agentsToUpgrade, upgradeAgents} from '../cluster-upgrade.ts';
import {decodedText} from '../decoded-text.ts';
import {localUpgrade, parseUpgradeInfo} from '../upgrade-info.ts';
import type {UpgradeInfo} from '../upgrade-info.ts';
import type {Program, ProgramRun} from './program.ts';
import {Killed} from './program.ts';

/** Any other than 0; which ones there are is undocumented. */
const failure = 1;

/** `SLTaskbarUtility.exe -upgrade|-stop|-start|-restart`. Source: Taskbar_Utility_command_line_options.md */
export const taskbarUtility: Program = async run => {
	const {dataMiner} = run.agent;
	switch (run.args[0]?.toLowerCase()) {
		case '-upgrade': {
			return upgrade(run);
		}

		case '-stop': {
			await dataMiner.stop(run.signal);
			return 0;
		}

		case '-start': {
			return start(run);
		}

		case '-restart': {
			await dataMiner.stop(run.signal);
			return start(run);
		}

		case '-help': {
			run.print('SLTaskbarUtility.exe -upgrade <package> [<UpgradeInfo.xml>] | -stop | -start | -restart');
			return 0;
		}

		default: {
			run.complain(`Unknown command: ${run.args[0] ?? ''}`);
			return failure;
		}
	}
};

function start({agent, complain}: ProgramRun): number {
	if (agent.dataMiner.start()) {
		return 0;
	}

	complain('The DataMiner services are disabled and cannot be started.');
	return failure;
}

async function upgrade(run: ProgramRun): Promise<number> {
	const {agent, args} = run;
	const [, packagePath, infoPath] = args;
	if (packagePath === undefined || !(await agent.drive.hasFile(packagePath))) {
		run.complain(`The package ${packagePath ?? ''} does not exist.`);
		return failure;
	}

	const info = infoPath === undefined ? localUpgrade : await readInfo(run, infoPath);
	if (!info) {
		run.complain(`${infoPath ?? ''} is no UpgradeInfo.xml.`);
		return failure;
	}

	const agents = agentsToUpgrade(agent, info);
	if (typeof agents === 'string') {
		run.complain(agents);
		return failure;
	}

	try {
		const opened = await openPackage(await agent.drive.resolve(packagePath));
		const job = new AbortController();
		const outcome = agent.track(closing(opened, upgradeAgents(agent, agents, opened, info, job.signal)));
		return (await unlessKilled(run, job, outcome)) ? 0 : failure;
	} catch (error) {
		if (error instanceof PackageError) {
			run.complain(error.message);
			return failure;
		}

		throw error;
	}
}

/** An upgrade survives a reboot in its middle, and nothing else that kills the program which carries it out. */
async function unlessKilled<T>({signal}: ProgramRun, job: AbortController, outcome: Promise<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		const onAbort = () => {
			const reason: unknown = signal.reason;
			if (!(reason instanceof Killed && reason.by === 'reboot')) {
				job.abort(reason);
			}

			reject(signal.reason as Error);
		};
		signal.addEventListener('abort', onAbort, {once: true});
		outcome.then(resolve, reject);
	});
}

async function closing<T>(opened: OpenPackage, outcome: Promise<T>): Promise<T> {
	try {
		return await outcome;
	} finally {
		await opened.close();
	}
}

async function readInfo({agent}: ProgramRun, infoPath: string): Promise<UpgradeInfo | undefined> {
	const bytes = await agent.drive.readFile(infoPath);
	return bytes && parseUpgradeInfo(decodedText(bytes));
}
