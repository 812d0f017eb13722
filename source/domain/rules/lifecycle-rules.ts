import type {Rule} from './rule.ts';

/** What a major no longer has. */
export const lifecycleRules: readonly Rule[] = [
	{
		id: 'lifecycle.10.4',
		kind: 'requirement',
		severity: 'info',
		evaluation: 'manual',
		to: 'MR>=10.4.0[CU0] | FR>=10.4.1',
		direction: 'up',
		summary: 'SRM resources and profiles in XML are gone.',
		remedy: 'See that nothing needs them.',
		source: 'Software_support_life_cycles.md',
	},
	{
		id: 'lifecycle.10.5',
		kind: 'requirement',
		severity: 'info',
		evaluation: 'manual',
		to: 'MR>=10.5.0[CU0] | FR>=10.5.1',
		direction: 'up',
		summary:
			'Gone: the legacy correlation engine, the Jobs app, child and recurring bookings, managed databases of Amazon and Azure.',
		remedy: 'See that nothing needs them.',
		source: 'Software_support_life_cycles.md',
	},
	{
		id: 'lifecycle.10.6',
		kind: 'requirement',
		severity: 'info',
		evaluation: 'manual',
		to: 'MR>=10.6.0[CU0] | FR>=10.6.1',
		direction: 'up',
		summary: 'Gone: annotations and the Ticketing app. Support of a local MySQL database ends.',
		remedy: 'See that nothing needs them.',
		source: 'Software_support_life_cycles.md',
	},
	{
		id: 'lifecycle.10.7',
		kind: 'requirement',
		severity: 'info',
		evaluation: 'manual',
		to: 'MR>=10.7.0[CU0] | FR>=10.7.1',
		direction: 'up',
		summary:
			'Gone: .NET Remoting, the legacy Reporter and Dashboards, QActions in JScript and VBScript, Cassandra before 4, OpenSearch 1.',
		remedy: 'See that nothing needs them.',
		source: 'Software_support_life_cycles.md',
	},
	{
		id: 'breaking-changes',
		kind: 'requirement',
		severity: 'info',
		evaluation: 'manual',
		appliesTo: 'cluster',
		summary: 'Each version has its own known issues and breaking changes.',
		remedy: 'Read both pages for the target before the upgrade.',
		source: 'Preparing_to_upgrade_a_DataMiner_Agent.md',
	},
];
