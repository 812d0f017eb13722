import type {PrerequisiteResult} from '../agent-status.ts';
import type {ReadinessCheck} from './readiness-check.ts';

const source = 'Preparing_to_upgrade_a_DataMiner_Agent.md';

/** What the prerequisites of the package found on an Agent before anything was uploaded. */
export function testedChecks(
	tested: readonly PrerequisiteResult[] | {readonly notRun: string} | undefined,
): ReadinessCheck[] {
	if (tested === undefined) {
		return [];
	}

	if ('notRun' in tested) {
		return [
			{
				id: 'prerequisites',
				title: 'Prerequisites of the package',
				outcome: 'unknown',
				evidence: `They could not be run: ${tested.notRun}`,
				remedy: 'Correct that and check again. They run once more before anything is launched.',
				source,
			},
		];
	}

	return tested.map(({check, outcome, message}) => ({
		id: `prerequisite.${check}`,
		title: `Prerequisite ${check}`,
		outcome: outcome === 'passed' ? 'pass' : outcome === 'failed' ? 'block' : 'unknown',
		evidence: message === '' ? `It ${outcome}.` : message,
		remedy: outcome === 'passed' ? '' : 'Do what the prerequisite asks for on this Agent, then check again.',
		source,
	}));
}
