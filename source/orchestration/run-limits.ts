const seconds = (count: number) => count * 1000;
const minutes = (count: number) => count * seconds(60);

/** How long a run waits for what, in milliseconds, and how much it does at once. */
export interface RunLimits {
	readonly parallelUploads: number;
	/** An upload has failed when no byte moved for this long; its total time is never a reason. */
	readonly uploadStall: number;
	/** How often an upload is taken up again after its connection was lost without a byte of progress in between. */
	readonly uploadAttempts: number;
	/** For one prerequisite. VerifyClusterPorts alone takes about five minutes (VerifyClusterPorts.dmupgrade.md). */
	readonly prerequisite: number;
	/** Between two questions to an Agent. */
	readonly poll: number;
	/** Between the moments at which upload progress is written down. */
	readonly uploadReport: number;
	/** For telling an Agent to start upgrading, including the attempts to reach it again meanwhile. */
	readonly launch: number;
	/**
	 * Without contact for this long, an Agent's outcome is unknown. The documents give no figure for an upgrade with
	 * reboots; this is well above what they describe.
	 */
	readonly contact: number;
	/**
	 * Without a line in `progress.log` for this long, an Agent's outcome is unknown. The longest silence that the
	 * documents describe is that of ModuleInstaller, whose limit is 30 minutes (RN 42659).
	 */
	readonly silence: number;
	/** A good ending in the log counts when nothing but endings follows it for this long. */
	readonly afterEnding: number;
	/** After this much silence the Agent itself is asked whether it is done, in case its log broke off. */
	readonly askAfterSilence: number;
	/** From the end of the upgrade until DataMiner runs: `FailoverMaxStartupTime` is 15 minutes, twice that here. */
	readonly start: number;
	/** How long an upgraded Agent has to stay up before it counts as done. */
	readonly watch: number;
	/** Between two renewals of an Agent's lock. */
	readonly lockRenewal: number;
	/** A lock that is not renewed for this long belongs to a runner that died. */
	readonly lockStale: number;
	/** Between two looks at a lock that another run left. */
	readonly lockPoll: number;
	/** Prerequisites that passed count for this long when a run is taken up again; then they are run once more. */
	readonly prerequisitesGoodFor: number;
	/** For a switch-over: `MaxWaitForFailoverOffline` (600 s) and `MaxWaitForFailoverVIP` (120 s), with some room. */
	readonly switchOver: number;
}

export const defaultRunLimits: RunLimits = {
	parallelUploads: 8,
	uploadStall: seconds(90),
	uploadAttempts: 3,
	prerequisite: minutes(15),
	poll: seconds(5),
	uploadReport: 250,
	launch: minutes(5),
	contact: minutes(60),
	silence: minutes(60),
	afterEnding: seconds(30),
	askAfterSilence: minutes(3),
	start: minutes(30),
	watch: minutes(2),
	lockRenewal: seconds(10),
	lockStale: seconds(30),
	lockPoll: seconds(1),
	prerequisitesGoodFor: minutes(60),
	switchOver: minutes(15),
};

/**
 * The same limits where time runs `speed` times faster, which is the lab. What depends on this computer and not on
 * the simulated time keeps a floor.
 */
export function scaledRunLimits(speed: number, limits: RunLimits = defaultRunLimits): RunLimits {
	const scaled = (milliseconds: number, floor: number) => Math.max(floor, Math.round(milliseconds / speed));
	return speed <= 1
		? limits
		: {
				...limits,
				uploadStall: scaled(limits.uploadStall, seconds(5)),
				prerequisite: scaled(limits.prerequisite, seconds(20)),
				poll: scaled(limits.poll, 50),
				launch: scaled(limits.launch, seconds(15)),
				contact: scaled(limits.contact, seconds(30)),
				silence: scaled(limits.silence, seconds(30)),
				afterEnding: scaled(limits.afterEnding, 250),
				askAfterSilence: scaled(limits.askAfterSilence, seconds(2)),
				start: scaled(limits.start, seconds(20)),
				watch: scaled(limits.watch, 200),
				switchOver: scaled(limits.switchOver, seconds(15)),
			};
}
