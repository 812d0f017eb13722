import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

/** What should name a DataMiner version does not. */
export class VersionTextError extends UserError {
	readonly code = 'VERSION_UNREADABLE';
	readonly nextSteps = [
		'Main Releases are written 10.5.0, "10.5.0 [CU2]", 10.5.0-CU2 or "10.5.0 CU2"; 10.5.0 is CU0.',
		'Feature Releases are written 10.5.12 or "10.5.12 [CU2]".',
		'Versions of packages and Agents are taken as they are: 10.5.4.0-15588, 10.5.4.0-15588-20250319-release, "10.5.0.0 - 16782 CU11", "10.5.0 [CU4] build 15943", HF_10.0.7.0(CU0)_20200520-135714, the file name of a package, a line of VersionHistory.txt.',
		'Wildcards (10.5.x) and pairs (10.5.0/10.5.3) name more than one version: choose one.',
	];

	constructor(readonly text: string) {
		super(`"${visibleText(text, 60)}" names no DataMiner version.`);
	}
}
