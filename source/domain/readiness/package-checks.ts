import type {PackageFacts} from '../package-facts.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** The documents behind problems of packages; all others are about the file itself. */
const sources: Readonly<Record<string, string>> = {
	LARGER_THAN_UPLOAD_LIMIT: 'MaintenanceSettings.SLNet.MaxUploadSize.md',
	PREREQUISITES_MISSING: 'Preparing_to_upgrade_a_DataMiner_Agent.md',
	EXECUTOR_MISSING: 'KI_Unable_to_perform_a_DataMiner_upgrade_via_Update_Center.md',
	LEGACY_APPLICATION: 'ApplicationPackageStructure.md',
	NAME_AND_CONTENT_DISAGREE: 'DataMiner_packages.md',
	UPDATE_CONTENT_MISSING: 'DataMiner_packages.md',
	UNKNOWN_ACTION: 'DataMiner_packages.md',
	VERSION_NOT_IN_NAME: 'DataMiner_packages.md',
	FILE_EXTENSION: 'DataMiner_packages.md',
};

/** The problems of the package, or that it has none. Codes that stand there twice are told together. */
export function packageChecks({problems, file}: PackageFacts): ReadinessCheck[] {
	if (problems.length === 0) {
		return [
			{
				id: 'package',
				title: 'Package',
				outcome: 'pass',
				evidence: `Nothing is wrong with ${file}.`,
				remedy: '',
				source: 'DataMiner_packages.md',
			},
		];
	}

	return [...new Set(problems.map(({code}) => code))].flatMap(code => {
		const same = problems.filter(problem => problem.code === code);
		const [first] = same;
		return first === undefined
			? []
			: [
					{
						id: `package.${code.toLowerCase().replaceAll('_', '-')}`,
						title: 'Package',
						outcome: first.severity,
						evidence: same.map(({message}) => message).join(' '),
						remedy:
							first.severity === 'info'
								? 'Nothing has to be done.'
								: 'Download the package again under its own name, or choose another one.',
						source: sources[code] ?? 'dms-upgrade',
					},
				];
	});
}
