import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {parseVersion} from '../../source/domain/version.ts';

/** Facts of a full package for 10.6.0; name only what matters to the test. */
export function aPackage(facts: Partial<PackageFacts> = {}): PackageFacts {
	const version = parseVersion('10.6.0.0-16840');
	return {
		file: 'DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade',
		size: 1000,
		kind: 'full',
		...(version && {version}),
		label: 'release',
		prerequisites: [],
		executor: true,
		actions: ['Disable', 'Start'],
		restarts: 'agent',
		unpackedSize: 2000,
		problems: [],
		...facts,
	};
}
