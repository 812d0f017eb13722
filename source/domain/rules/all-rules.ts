import {aftermathIssueRules} from './aftermath-issue-rules.ts';
import {clientIssueRules} from './client-issue-rules.ts';
import {databaseIssueRules} from './database-issue-rules.ts';
import {downgradeRules} from './downgrade-rules.ts';
import {failoverIssueRules} from './failover-issue-rules.ts';
import {lifecycleRules} from './lifecycle-rules.ts';
import {messagingIssueRules} from './messaging-issue-rules.ts';
import {optionRules} from './option-rules.ts';
import {pathRules} from './path-rules.ts';
import {prerequisiteRules} from './prerequisite-rules.ts';
import {procedureRules} from './procedure-rules.ts';
import type {Rule} from './rule.ts';
import {softwareRules} from './software-rules.ts';
import {upgradeIssueRules} from './upgrade-issue-rules.ts';

/** Every rule that the product knows. */
export const rules: readonly Rule[] = [
	...pathRules,
	...downgradeRules,
	...prerequisiteRules,
	...softwareRules,
	...procedureRules,
	...optionRules,
	...upgradeIssueRules,
	...clientIssueRules,
	...aftermathIssueRules,
	...failoverIssueRules,
	...messagingIssueRules,
	...databaseIssueRules,
	...lifecycleRules,
];

const byId: ReadonlyMap<string, Rule> = new Map(rules.map(rule => [rule.id, rule]));

export function ruleById(id: string): Rule | undefined {
	return byId.get(id);
}
