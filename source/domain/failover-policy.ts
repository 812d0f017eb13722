/** In which order the two Agents of a Failover pair are upgraded; the names of `UpgradeInfo.xml`. */
export type FailoverPolicy = 'UseDefault' | 'Simultaneously' | 'BackupFirst' | 'BackupFirstWithSwitchback';

/** A policy that says an order by itself. */
export type OrderingPolicy = Exclude<FailoverPolicy, 'UseDefault'>;

interface FailoverPolicyInfo {
	readonly policy: FailoverPolicy;
	/** System Center's wording. Source: Upgrading_a_DataMiner_Agent_in_System_Center.md */
	readonly label: string;
	readonly advice: string;
}

export const failoverPolicyInfos: readonly FailoverPolicyInfo[] = [
	{
		policy: 'UseDefault',
		label: 'Default policy',
		advice: 'What System settings › Upgrade › Failover policy says.',
	},
	{
		policy: 'Simultaneously',
		label: 'Upgrade main and backup Agent simultaneously',
		advice: 'Highly recommended; always use it for a major upgrade.',
	},
	{
		policy: 'BackupFirst',
		label: 'Upgrade backup Agent first, switch over and upgrade main',
		advice: 'Legacy: for a while the cluster runs two versions.',
	},
	{
		policy: 'BackupFirstWithSwitchback',
		label: 'Upgrade backup Agent first, switch over, upgrade main, then switch back again',
		advice: 'Legacy: for a while the cluster runs two versions.',
	},
];

/**
 * What `UseDefault` means where the cluster's own default is not known. DataMiner's factory value is undocumented;
 * this is the policy that its documentation recommends.
 */
export const assumedDefaultPolicy: OrderingPolicy = 'Simultaneously';

export function isFailoverPolicy(text: string): text is FailoverPolicy {
	return failoverPolicyInfos.some(info => info.policy === text);
}
