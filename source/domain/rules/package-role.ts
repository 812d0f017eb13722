import {type PackageKind, changesVersion} from '../package-facts.ts';
import type {Rule} from './rule.ts';

/** The kinds whose way over several versions we know. */
export function isCore(kind: PackageKind | undefined): boolean {
	return kind === undefined || kind === 'unknown' || changesVersion(kind);
}

/** Whether a rule is about such a package: surely, only if it turns out to be one of another kind, or not. */
export function packageRole(rule: Rule, kind: PackageKind | undefined): 'sure' | 'perhaps' | 'none' {
	if (rule.packageKind === undefined) {
		return rule.to === undefined || isCore(kind) ? 'sure' : 'none';
	}

	// The act is done with packages of its own.
	if (rule.onlyWith !== undefined) {
		return 'perhaps';
	}

	if (kind === undefined || kind === 'unknown') {
		return rule.packageKind === 'full' ? 'sure' : 'perhaps';
	}

	return rule.packageKind === kind || (rule.packageKind === 'full' && kind === 'cumulative')
		? 'sure'
		: 'none';
}
