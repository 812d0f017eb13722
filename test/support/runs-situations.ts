import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {parseVersion} from '../../source/domain/version.ts';
import type {RunSummary} from '../../source/ui/ports.ts';
import type {DashboardData, ScreenSize} from '../../source/ui/state/update.ts';
import {aClusterView, testTime} from './a-cluster.ts';
import {ARun, aBigPackage, aPlan, aSummary, edith, kim, shownRun} from './a-run.ts';
import {oncePerSize} from './once-per-size.ts';
import {Pressed} from './press.ts';
import {aFailedRun} from './progress-situations.ts';

const minutes = 60_000;
const days = 24 * 60 * minutes;

/** A run of the list that began as long ago as said; of one with an outcome it is known when it ended. */
export function aListedRun(run: string, ago: number, changes: Partial<RunSummary> = {}): RunSummary {
	const startedAt = testTime - ago;
	return aSummary(new ARun(aPlan(), run), {
		startedAt,
		...(changes.outcome && {finishedAt: startedAt + 14 * minutes + 28_000}),
		standing: 'over',
		canRetry: false,
		...changes,
	});
}

function withPackage(text: string) {
	const version = parseVersion(text);
	const file = `DataMiner ${text} Full Upgrade.dmupgrade`;
	return {
		package: aBigPackage({file, ...(version && {version})}),
		packagePath: `/home/edith/packages/${file}`,
	};
}

/** A package whose version nothing tells. */
function aTool(): PackageFacts {
	const tool: {-readonly [Key in keyof PackageFacts]: PackageFacts[Key]} = aBigPackage({
		file: 'ReplaceNatsConfig.dmupgrade',
		kind: 'tool',
	});
	delete tool.version;
	return tool;
}

/** One run of each kind, newest first. */
export const someRuns: readonly RunSummary[] = [
	aListedRun('2026-03-06-2', 3 * minutes, {standing: 'going on'}),
	aListedRun('2026-03-06-1', 40 * minutes, {standing: 'interrupted', cluster: 'Antwerp', operator: kim}),
	aListedRun('2026-03-05-1', days, {
		standing: 'paused',
		cluster: 'Izegem',
		outcome: 'failed',
		canRetry: true,
	}),
	aListedRun('2026-03-04-1', 2 * days, {goal: 'upload', outcome: 'done', operator: kim}),
	aListedRun('2026-03-03-1', 3 * days, {outcome: 'blocked', canRetry: true}),
	aListedRun('2026-02-04-1', 30 * days, {...withPackage('10.5.12.0-16721'), outcome: 'done'}),
	aListedRun('2026-02-03-1', 31 * days, {...withPackage('10.5.12.0-16721'), outcome: 'failed'}),
	aListedRun('2026-01-05-1', 60 * days, {
		...withPackage('10.5.11.0-16499'),
		outcome: 'stopped',
		canRetry: true,
	}),
	aListedRun('2026-01-04-1', 61 * days, {
		package: aTool(),
		packagePath: '/home/edith/packages/ReplaceNatsConfig.dmupgrade',
		outcome: 'unknown',
	}),
	aListedRun('2025-12-06-2', 90 * days, {
		...withPackage('10.5.10.0-16301'),
		outcome: 'unreachable',
		canRetry: true,
	}),
	aListedRun('2025-12-06-1', 90 * days, withPackage('10.5.10.0-16301')),
];

/** Runs, with these in the list. */
export function onRuns(
	runs: readonly RunSummary[] = someRuns,
	size?: ScreenSize,
	data: Partial<DashboardData> = {},
): Pressed {
	return new Pressed({cluster: aClusterView(), runs, ...data}, size).press('4');
}

/** As many runs, one an hour. */
export function manyRuns(count: number): readonly RunSummary[] {
	return Array.from({length: count}, (_, index) =>
		aListedRun(`run-${count - index}`, index * 60 * minutes, {
			outcome: 'done',
			operator: index % 3 === 0 ? kim : edith,
		}),
	);
}

/** The Runs screen in each of its situations. */
export const runsSituations = oncePerSize(size => {
	const failed = aFailedRun();
	return {
		none: onRuns([], size).state,
		some: onRuns(someRuns, size).state,
		interrupted: onRuns(someRuns, size).press('down').state,
		paused: onRuns(someRuns, size).press('down', 'down').state,
		blocked: onRuns(someRuns, size).press('down', 'down', 'down', 'down').state,
		last: onRuns(someRuns, size).press('G').state,
		filtering: onRuns(someRuns, size).press('/').typed('kim').state,
		'filter-without-match': onRuns(someRuns, size).press('/').typed('munich').press('enter').state,
		'a-thousand': onRuns(manyRuns(1000), size).press('pagedown', 'pagedown').state,
		refused: onRuns(someRuns, size).press('r').state,
		'long-names': onRuns(
			[
				aListedRun('2026-03-06-1', 5 * minutes, {
					cluster: 'DataMiner System of the northern headends',
					operator: {user: 'CORP\\administrator.of.everything', host: 'jump-host-07.example.org'},
					agents: aPlan({}, {singles: 60, pairs: 0}).agents,
					outcome: 'done',
				}),
			],
			size,
		).state,
		// From here the way back leads to Runs.
		opened: onRuns([aSummary(failed, {standing: 'paused'})], size)
			.press('enter')
			.news(shownRun(failed, {standing: 'paused'})).state,
	};
});
