import type {PackageFacts} from '../domain/package-facts.ts';
import {changesVersion} from '../domain/package-facts.ts';
import {parseUpdateContent} from '../domain/update-content.ts';
import type {UpgradeOptions} from '../domain/upgrade-options.ts';
import type {ProgressType} from './progress-log.ts';

/** One thing that an upgrade does on an Agent. */
export interface UpgradeStep {
	/** As it stands in UpdateContent.txt. */
	readonly line: string;
	/** Lower case. */
	readonly verb: string;
	readonly argument: string;
	/** Seconds of real life. */
	readonly seconds: number;
	/** What it writes while it goes on, evenly spread. */
	readonly says: readonly (readonly [ProgressType, string])[];
}

/** Seconds of real life on a middling server; a full upgrade takes about a quarter of an hour. */
const durations: readonly (readonly [RegExp, number])[] = [
	[/^iis /i, 10],
	[/^delete/i, 15],
	[/^update files$/i, 90],
	[/^update webpages$/i, 60],
	[/^update tools$/i, 30],
	[/^update (?:protocols|upgrades)$/i, 20],
	[/^update /i, 8],
	[/^extract /i, 10],
	[/^upgrade\w*taskbarutility/i, 15],
	[/^upgradedb/i, 60],
	[/^register/i, 45],
	[/^js /i, 40],
	[/^ps /i, 60],
	[/^execute /i, 15],
	[/^(?:installapp|executeupgrade) /i, 60],
];
const otherwise = 5;
/** It takes even longer on a real Agent, and so much longer than all else. Source: MOP_Upgrading_a_DMA_DMS.md */
const moduleInstallerSeconds = 300;
/** Share of the time that replacing files takes where only what changed is extracted. */
const onlyChanged = 0.6;

const modules = ['APIGateway', 'BrokerGateway', 'CoreGateway', 'GQI', 'Orchestrator', 'StorageModule', 'Web'];

/**
 * What a package does, in order: its actions; the upgrade actions of a package that brings a new version come before
 * DataMiner is started. Source: Steps_taken_during_an_upgrade_operation.md
 */
export function stepsOf(facts: PackageFacts, options: UpgradeOptions): readonly UpgradeStep[] {
	const actions = parseUpdateContent(facts.actions.join('\n')).map(({line, verb, argument}): UpgradeStep => {
		const known = durations.find(([pattern]) => pattern.test(line))?.[1] ?? otherwise;
		const seconds = verb === 'update' && !options.ExtractAllFiles ? known * onlyChanged : known;
		return {line, verb, argument, seconds, says: saysOf(verb, argument)};
	});
	if (!changesVersion(facts.kind)) {
		return actions;
	}

	const start = actions.findIndex(action => action.verb === 'start');
	return actions.toSpliced(start === -1 ? actions.length : start, 0, moduleInstaller);
}

const moduleInstaller: UpgradeStep = {
	line: 'ModuleInstaller',
	verb: 'moduleinstaller',
	argument: '',
	seconds: moduleInstallerSeconds,
	says: modules.map(name => ['information', `Installing DataMiner ${name}...`] as const),
};

function saysOf(verb: string, argument: string): UpgradeStep['says'] {
	switch (verb) {
		case 'update': {
			const folder = argument.toLowerCase() === 'root' ? '' : `\\${argument}`;
			return [['information', `Updating C:\\Skyline DataMiner${folder}`]];
		}

		case 'upgradedb': {
			return [
				['information', 'Elastic was not detected in DB.xml. Will not remove obsolete Elastic indices.'],
			];
		}

		case 'setoption': {
			return argument.toLowerCase() === 'norollback'
				? [['information', 'Ignoring NoRollback option (legacy)']]
				: [['information', `Option ${argument} is set by the package.`]];
		}

		default: {
			return [];
		}
	}
}
