import {endingOf} from '../domain/upgrade-log.ts';
import type {AgentContext} from './agent-context.ts';
import {type OwnLines, ownLinesOf} from './own-lines.ts';
import {ProgressLogReader} from './progress-log.ts';
import {readTail} from './read-tail.ts';
import {askClock} from './survey-windows.ts';
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

/**
 * The package whose log was written to lately and does not end. Times of files are compared with each other and with
 * the Agent's own clock, never with ours, which may be hours away from it (RN 27138).
 */
export async function upgradeInLogs(
	context: AgentContext,
	signal?: AbortSignal,
): Promise<string | undefined> {
	const {machine, settings} = context;
	const quiet = settings.quietUpgradeMs / settings.speed;
	const logs = await Promise.all(
		(await upgradeFolders(context)).map(async folder => {
			const path = progressLogPath(context, folder);
			return {folder, path, modifiedAt: (await machine.stat(path))?.modifiedAt ?? -Infinity};
		}),
	);
	const newest = Math.max(...logs.map(({modifiedAt}) => modifiedAt));
	// Most Agents keep logs of years; those that are older than the newest by so much are over, whatever time it is.
	const open: typeof logs = [];
	for (const log of logs.filter(({modifiedAt}) => modifiedAt > -Infinity && modifiedAt >= newest - quiet)) {
		const tail = await readTail(machine, log.path, tailBytes, signal);
		if (tail && !(await hasEnded(context, tail))) {
			open.push(log);
		}
	}

	// Asked only where it matters, since it takes a moment.
	const since = open.length > 0 ? (await timeOn(context, signal)) - quiet : Infinity;
	const going = open.find(({modifiedAt}) => modifiedAt >= since);
	return going && packageOfFolder(going.folder);
}

/** What time it is on the Agent at the earliest. Where it does not tell, its clock is taken for ours. */
async function timeOn(context: AgentContext, signal: AbortSignal | undefined): Promise<number> {
	const reading = await askClock(context, signal);
	return context.clock.now() + (reading ? reading.aheadMs - reading.uncertaintyMs : 0);
}

async function hasEnded(context: AgentContext, tail: Buffer): Promise<boolean> {
	const reader = new ProgressLogReader();
	const all = reader.push(tail);
	const last = reader.unfinished();
	const mixed = new Set(all.map(({about}) => about)).size > 1;
	const own: Pick<OwnLines, 'isOwn'> = mixed ? await ownLinesOf(context) : {isOwn: () => true};
	const lines = all.filter(({about}) => own.isOwn(about)).map(({line}) => line);
	// After a line of success an upgrade may go on; nothing does after it has failed.
	const endings = [...lines, ...(last ? [last] : [])].map(line => endingOf(line)?.ended);
	return endings.includes('badly') || endings.at(-1) === 'well';
}
