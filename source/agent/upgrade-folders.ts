import {endingOf} from '../domain/upgrade-log.ts';
import type {AgentContext} from './agent-context.ts';
import {ProgressLogReader} from './progress-log.ts';
import {readTail} from './read-tail.ts';
import {windowsPath} from './windows-path.ts';

/** The name of a folder in `Upgrades\Packages`: package, dash, 32 hexadecimal digits. Source: VerifyClusterPorts.dmupgrade.md */
const folderName = /^(?<package>.{1,220})-[0-9a-f]{32}$/i;

/** More folders than these are not looked at; DataMiner itself empties them after each upgrade (RN 37033). */
const mostFolders = 1000;

/** The package to which a folder in `Upgrades\Packages` belongs; undefined for other folders. */
export function packageOfFolder(folder: string): string | undefined {
	return folderName.exec(folder)?.groups?.['package'];
}

/** The folders of one package, or of all packages, in `Upgrades\Packages`. */
export async function upgradeFolders(
	{machine, paths}: AgentContext,
	packageName?: string,
): Promise<readonly string[]> {
	const names = (await machine.list(paths.upgradePackages)) ?? [];
	return names
		.filter(name => {
			const owner = packageOfFolder(name);
			return (
				owner !== undefined &&
				(packageName === undefined || owner.toLowerCase() === packageName.toLowerCase())
			);
		})
		.sort()
		.slice(0, mostFolders);
}

export function progressLogPath({paths}: AgentContext, folder: string): string {
	return windowsPath(paths.upgradePackages, folder, 'progress.log');
}

/** Enough for the last lines of a log; the ending is among them. */
const tailBytes = 16 * 1024;

/** The package whose log was written to lately and does not end. */
export async function upgradeInLogs(
	context: AgentContext,
	signal?: AbortSignal,
): Promise<string | undefined> {
	const {machine, settings, clock} = context;
	const since = clock.now() - settings.quietUpgradeMs / settings.speed;
	const logs = await Promise.all(
		(await upgradeFolders(context)).map(async folder => ({
			folder,
			facts: await machine.stat(progressLogPath(context, folder)),
		})),
	);
	const recent = logs.filter(({facts}) => facts !== undefined && facts.modifiedAt >= since);
	for (const {folder} of recent) {
		const tail = await readTail(machine, progressLogPath(context, folder), tailBytes, signal);
		if (tail && !hasEnded(tail)) {
			return packageOfFolder(folder);
		}
	}

	return undefined;
}

function hasEnded(tail: Buffer): boolean {
	const reader = new ProgressLogReader();
	const lines = reader.push(tail).map(({line}) => line);
	const last = reader.unfinished();
	// After a line of success an upgrade may go on; nothing does after it has failed.
	const endings = [...lines, ...(last ? [last] : [])].map(line => endingOf(line)?.ended);
	return endings.includes('badly') || endings.at(-1) === 'well';
}
