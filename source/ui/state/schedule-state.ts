import type {AgentId} from '../../domain/agent.ts';
import type {FailoverPolicy} from '../../domain/failover-policy.ts';
import type {LaunchWay} from '../../domain/launch.ts';
import type {PackageFacts} from '../../domain/package-facts.ts';
import {type UpgradeOptions, defaultUpgradeOptions} from '../../domain/upgrade-options.ts';
import type {Failure} from '../../domain/user-error.ts';
import type {FileBrowser} from './file-browser.ts';

/** The package that was chosen, and what came of reading it. */
export interface ChosenPackage {
	readonly path: string;
	/** From the file browser and not from the list. */
	readonly isNew: boolean;
	/** Neither this nor `failure` while it is being read. */
	readonly facts?: PackageFacts;
	readonly failure?: Failure;
}

/** What the form of Upgrade › Schedule holds. */
export interface ScheduleState {
	/** Id of the row under the cursor. */
	readonly focus: string;
	readonly chosen: ChosenPackage | undefined;
	readonly agents: 'all' | 'individual';
	/** Marked Agents; they count when `agents` is `individual`. */
	readonly marked: ReadonlySet<AgentId>;
	readonly options: UpgradeOptions;
	readonly policy: FailoverPolicy;
	readonly launch: LaunchWay;
	readonly optionsOpen: boolean;
	readonly failoverOpen: boolean;
	/** What people have to look at themselves is shown. */
	readonly manualOpen: boolean;
	/** Undefined while it is closed. */
	readonly files: FileBrowser | undefined;
	/** Where the file browser was when a package was picked. */
	readonly lastFolder: string | undefined;
}

export const initialSchedule: ScheduleState = {
	focus: '',
	chosen: undefined,
	agents: 'all',
	marked: new Set(),
	options: defaultUpgradeOptions,
	policy: 'UseDefault',
	launch: 'agents',
	optionsOpen: false,
	failoverOpen: false,
	manualOpen: false,
	files: undefined,
	lastFolder: undefined,
};
