import type {FolderListing, PackageListing} from '../../source/ui/ports.ts';
import type {DashboardData, ScreenSize} from '../../source/ui/state/update.ts';
import {aClusterView, aStatus, testTime} from './a-cluster.ts';
import {aCloseLook} from './a-look-view.ts';
import {ARun, aBigPackage, aPlan, aSummary, shownRun, staleLock} from './a-run.ts';
import {oncePerSize} from './once-per-size.ts';
import {aSurvey} from './a-survey.ts';
import {Pressed} from './press.ts';

const GiB = 1024 ** 3;
const folder = '/home/edith/packages';
const full = aBigPackage();

export const somePackages: readonly PackageListing[] = [
	{path: `${folder}/${full.file}`, file: full.file, size: full.size, status: 'Available'},
	listed('DataMiner 10.6.3.0-16759 Web Upgrade.dmupgrade', 'Available'),
	listed('DataMiner 10.6.2.0-16705 Full Upgrade.dmupgrade', 'Uploaded'),
	listed('DataMiner 10.5.12.0-16721 Full Upgrade.dmupgrade', 'Completed'),
	listed('ReplaceNatsConfig.dmupgrade', 'Failed'),
	listed('DataMiner 10.5.11.0-16499 Full Upgrade.dmupgrade', 'Completed'),
	listed('DataMiner 10.5.10.0-16301 Full Upgrade.dmupgrade', 'Completed'),
];

function listed(file: string, status: PackageListing['status']): PackageListing {
	return {path: `${folder}/${file}`, file, size: Math.round(1.1 * GiB), status};
}

export const someFolder: FolderListing = {
	path: folder,
	parent: '/home/edith',
	entries: [
		{name: 'older', path: `${folder}/older`, folder: true},
		{name: 'web apps', path: `${folder}/web apps`, folder: true},
		...somePackages.map(({file: name, path, size}) => ({name, path, size, folder: false})),
	],
};

/** The form with nothing chosen. */
export function onSchedule(data: Partial<DashboardData> = {}, size?: ScreenSize): Pressed {
	return new Pressed({cluster: aClusterView(), packages: somePackages, ...data}, size).press('2');
}

/** The form with the first package chosen and read. */
export function withPackage(
	data: Partial<DashboardData> = {},
	size?: ScreenSize,
	facts = full,
	path = somePackages[0]?.path ?? '',
): Pressed {
	return onSchedule(data, size).press('enter').answered({to: 'inspect', path, facts});
}

/** The form with the first package chosen and read, where a look finds this. */
export function withLook(
	lookAt: Pressed['lookAt'],
	data: Partial<DashboardData> = {},
	size?: ScreenSize,
): Pressed {
	const pressed = onSchedule(data, size);
	pressed.lookAt = lookAt;
	return pressed.press('enter').answered({to: 'inspect', path: somePackages[0]?.path ?? '', facts: full});
}

const wellKeptServices = aSurvey().services ?? [];
const stopped = (name: string) => ({name, displayName: name, running: false});
const twoMinutesAhead = {aheadMs: 120_000, uncertaintyMs: 50};

/** Warnings of several kinds, and what could not be found out. */
export const aWarningLook: Pressed['lookAt'] = (wish, {state}) =>
	aCloseLook(wish, state.data.cluster, {
		'DMA-02': aSurvey({pendingReboot: ['updates']}),
		'DMA-03': aSurvey({
			pendingReboot: ['updates'],
			clock: twoMinutesAhead,
			services: [...wellKeptServices, stopped('DataMiner GQI')],
		}),
	});

/** Two Agents that must not be upgraded as they are. */
export const aBlockedLook: Pressed['lookAt'] = (wish, {state}) =>
	aCloseLook(wish, state.data.cluster, {
		'DMA-02': aSurvey({fipsEnforced: true, pendingReboot: ['components']}),
		'DMA-04': aSurvey({aspNetCore: []}),
	});

/** More warnings than a dialog shows at once. */
export const aWorryingLook: Pressed['lookAt'] = (wish, {state}) =>
	aCloseLook(
		wish,
		state.data.cluster,
		Object.fromEntries(
			wish.agents.map((id, index) => [
				id,
				aSurvey({
					clock: {aheadMs: 30_000 * index, uncertaintyMs: 50},
					pendingReboot: index % 2 === 0 ? ['updates'] : ['components'],
					services: [...wellKeptServices, stopped(index % 2 === 0 ? 'DataMiner GQI' : 'DataMiner Web')],
				}),
			]),
		),
	);

/** The Schedule screen in each of its situations. */
export const scheduleSituations = oncePerSize(size => {
	const troubled = aClusterView(
		{},
		{
			'DMA-02': {status: aStatus({freeBytes: 2 * GiB})},
			'DMA-03': {failure: {code: 'UNREACHABLE', message: 'It does not answer on port 22.', nextSteps: []}},
		},
	);
	const noSwitchOver = {
		code: 'NO_SWITCH_OVER',
		message: 'Pairs of this cluster cannot be switched over over SSH.',
		nextSteps: ['Upgrade both Agents simultaneously.'],
	};
	return {
		empty: onSchedule({packages: []}, size).state,
		reading: onSchedule({}, size).press('enter').state,
		chosen: withPackage({}, size).state,
		'odd-package': withPackage({}, size, {
			...full,
			problems: [
				{code: 'P1', severity: 'warn', message: 'The package names no executor for its prerequisites.'},
				{code: 'P2', severity: 'info', message: 'It holds 12 files that are listed twice.'},
			],
		}).state,
		'individual-agents': withPackage({}, size).press(
			'tab',
			'down',
			'enter',
			'down',
			'down',
			'space',
			'down',
			'down',
			'space',
		).state,
		'options-open': withPackage({}, size).press(
			'tab',
			'tab',
			'right',
			'down',
			'down',
			'down',
			'down',
			'down',
			'space',
			'tab',
			'right',
			'down',
			'down',
			'down',
		).state,
		'backup-first': withPackage({}, size).press(
			'tab',
			'tab',
			'tab',
			'right',
			'down',
			'down',
			'down',
			'enter',
			'tab',
		).state,
		'one-launches-all': withPackage({switchOverRefusal: noSwitchOver}, size).press(
			'tab',
			'tab',
			'tab',
			'right',
			'down',
			'down',
			'down',
			'down',
			'down',
			'down',
			'enter',
			'up',
			'up',
			'enter',
			'tab',
		).state,
		'policy-refused': withPackage({switchOverRefusal: noSwitchOver}, size).press(
			'tab',
			'tab',
			'tab',
			'right',
			'down',
			'down',
			'down',
			'enter',
		).state,
		'not-ready': withPackage({cluster: troubled}, size).press('shift+tab', 'shift+tab').state,
		refused: withPackage(
			{},
			size,
			aBigPackage({
				kind: 'application',
				problems: [
					{
						code: 'BAD',
						severity: 'block',
						message: 'Update.zip inside it is damaged: its directory says 14 files, 12 are there.',
					},
				],
			}),
		).press('tab', 'tab', 'tab', 'tab').state,
		buttons: withPackage({}, size).press('end', 'left').state,
		'upgrade-asked': withPackage({}, size).press('U').typed('Pract').state,
		'upload-asked': withPackage({}, size).press('O').state,
		'run-going-on': withPackage({}, size)
			.news(shownRun(new ARun(aPlan()).checked().uploading()))
			.press('U').state,
		'run-paused': withPackage({runs: [aSummary(new ARun(), {standing: 'paused'})]}, size).press('end', 'left')
			.state,
		'open-run-asked': withPackage({runs: [aSummary(new ARun(), {standing: 'paused'})]}, size).press('U')
			.state,
		'other-package-refused': withPackage(
			{runs: [aSummary(new ARun(), {standing: 'interrupted'})]},
			size,
			aBigPackage({file: 'DataMiner 10.6.5.0-17000 Full Upgrade.dmupgrade'}),
		).press('U').state,
		looking: withLook(aWarningLook, {cluster: aClusterView({}, {'DMA-03': {}, 'DMA-05': {}})}, size).press(
			'end',
			'left',
		).state,
		warned: withLook(aWarningLook, {}, size).press('tab', 'tab', 'tab', 'tab', 'tab', 'down').state,
		blocked: withLook(aBlockedLook, {}, size).press('end', 'left').state,
		'finding-open': withLook(aBlockedLook, {}, size).press('tab', 'tab', 'tab', 'tab', 'tab', 'enter').state,
		'manual-open': withLook(aWarningLook, {}, size).press(
			...['tab', 'tab', 'tab', 'tab', 'tab', 'tab', 'enter', 'down', 'down'],
		).state,
		'manual-item-open': withLook(aWarningLook, {}, size).press(
			...['tab', 'tab', 'tab', 'tab', 'tab', 'tab', 'enter', 'down', 'enter'],
		).state,
		stale: withLook(aWarningLook, {}, size)
			.tell({type: 'tick', now: testTime + 34 * 60_000})
			.press('end', 'left').state,
		'warnings-asked': withLook(aWarningLook, {}, size).press('U').state,
		'many-warnings-asked': withLook(aWorryingLook, {}, size).press('U').state,
		'upgrade-elsewhere': withPackage(
			{
				cluster: aClusterView(
					{},
					{'DMA-02': {status: aStatus({upgradeInProgress: 'DataMiner 10.6.3.0-16759.dmupgrade'})}},
				),
			},
			size,
		).press('end', 'left').state,
		completed: onSchedule({}, size).press('down', 'down', 'down', 'enter').state,
		'lock-stale': withPackage({}, size)
			.press('U')
			.typed('Practice')
			.press('enter')
			.answered({
				to: 'start-run',
				request: {
					plan: aPlan(),
					packagePath: somePackages[0]?.path ?? '',
					takeOverLocks: false,
					acknowledged: [],
				},
				failure: staleLock,
			}).state,
	};
});

/** The file browser in each of its situations. */
export const filesSituations = oncePerSize(size => {
	const open = () => onSchedule({packages: []}, size).press('enter');
	return {
		reading: open().state,
		read: open().answered({to: 'list-folder', listing: someFolder}).press('down', 'down').state,
		failed: open()
			.answered({to: 'list-folder', listing: someFolder})
			.press('left')
			.answered({
				to: 'list-folder',
				failure: {
					code: 'FOLDER',
					message: '/home/edith cannot be read: permission denied.',
					nextSteps: ['Choose another folder, or ask its owner.'],
				},
			}).state,
	};
});
