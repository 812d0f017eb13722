/** The name under which an Agent stands in the inventory; unique in its cluster. */
export type AgentId = string;

/** Source: Viewing_information_on_the_DMAs_in_a_DMS.md. `Stopping` is ours: services that are neither up nor down. */
export type AgentState =
	| 'Running'
	| 'Starting'
	| 'Stopping'
	| 'Not running'
	| 'Switching'
	| 'Unknown'
	/** We cannot reach it. */
	| 'Disconnected';

export type FailoverRole = 'online' | 'offline' | 'unknown';

/** An Agent as the inventory names it. */
export interface Agent {
	readonly id: AgentId;
	/** Host name or IP address, without port. Never a virtual IP. */
	readonly address: string;
	/** The other Agent of its Failover pair. */
	readonly partner?: AgentId;
	/** How it is reached; SSH without it. */
	readonly reachedBy?: Protocol;
	/** Where that was found out. */
	readonly route?: AgentRoute;
}

/** By which way an Agent is reached. */
export interface AgentRoute {
	/** The name or address that is connected to; a configuration of SSH may put it in the place of the Agent's own. */
	readonly host: string;
	readonly port: number;
	/** Over SSH. */
	readonly user?: string;
	/** What is gone through, in this order, such as “jump host outer” or “proxy proxy.example:3128”. */
	readonly via: readonly string[];
}

/** `HTTPS` and `HTTP` are the service of this program on the Agent, the latter on this computer only. */
export type Protocol = 'SSH' | 'HTTPS' | 'HTTP';
