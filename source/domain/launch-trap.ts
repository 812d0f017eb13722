import {clientIssueRules} from './rules/client-issue-rules.ts';
import {membership, parseRange} from './rules/range.ts';
import type {Version} from './version.ts';

/**
 * Whether an Agent of this version, launched while it does not run, opens a window that nobody sees and waits there. A CU
 * that is not known counts as a yes. Source: General_Feature_Release_10.5.4.md (RN 42135)
 */
export function opensWindowWhileStopped(version: Version): boolean {
	const rule = clientIssueRules.find(({id}) => id === 'ki.taskbar-popup');
	return rule?.from !== undefined && membership(parseRange(rule.from), version) !== 'outside';
}
