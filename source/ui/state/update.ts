import type {KeyScope} from '../input/keymap.ts';
import type {AgentId} from '../../domain/agent.ts';
import type {PackageFacts} from '../../domain/package-facts.ts';
import type {UpgradePlan} from '../../domain/plan.ts';
import type {Acknowledgement} from '../../domain/readiness.ts';
import type {RunEvent, RunId} from '../../domain/run-event.ts';
import type {RunState} from '../../domain/run-state.ts';
import type {Failure} from '../../domain/user-error.ts';
import type {
	ClusterView,
	FolderListing,
	LookWish,
	Question,
	PackageListing,
	RunStanding,
	RunSummary,
	WishedLook,
} from '../ports.ts';

/** A run as it stood just after one of its events. */
export interface RunMoment {
	readonly run: RunState;
	readonly event: RunEvent;
}

/** What the screens show and do not own: the newest that came from outside. */
export interface DashboardData {
	readonly cluster?: ClusterView;
	readonly packages: readonly PackageListing[];
	/** What has to be answered before an Agent can be reached. */
	readonly question?: Question;
	/** What the last look at the Agents of the form found. */
	readonly look?: WishedLook;
	/** Every run that this computer knows, newest first. */
	readonly runs: readonly RunSummary[];
	/** Those of them that are on other Agents than this cluster has, whatever their cluster is named. */
	readonly elsewhere?: ReadonlySet<RunId>;
	/** The run that Progress shows; it may have no events yet. */
	readonly shown?: RunId;
	/** The events of that run, as far as they were read. */
	readonly run?: RunState;
	/** How that run stands, by the list of runs. */
	readonly standing?: RunStanding;
	/** An earlier moment of that run, which Progress shows instead of how it is now. */
	readonly past?: RunMoment;
	/** That run has more events than were read so far. */
	readonly behind?: boolean;
	/** The package of a run that was asked for and has not begun yet. */
	readonly starting?: string;
	/** Why pairs cannot be switched over, where they cannot. */
	readonly switchOverRefusal?: Failure;
	/** What was asked of Agents and not answered yet. */
	readonly underWay?: ReadonlyMap<AgentId, ControlAct>;
}

export type ControlAct = 'start' | 'stop' | 'restart';

export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
}

/** What a reducer may look at besides its own state. */
export interface UpdateContext {
	readonly data: DashboardData;
	readonly size: ScreenSize;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly now: number;
}

/** A run that somebody wants. */
export interface StartRequest {
	readonly plan: UpgradePlan;
	readonly packagePath: string;
	/** Stale locks of other runs may be taken over. */
	readonly takeOverLocks: boolean;
	/** The warnings that the operator takes responsibility for. */
	readonly acknowledged: readonly Acknowledgement[];
}

/** What a reducer asks the outside to do; the answer comes back as an `Answer`. */
export type Effect =
	| {readonly do: 'refresh'}
	/** Looks whether Agents are ready; `anew`: also at those that have answered. */
	| {readonly do: 'look'; readonly wish: LookWish; readonly anew?: true}
	| {readonly do: 'stop-looking'}
	| {readonly do: 'control'; readonly agent: AgentId; readonly act: ControlAct}
	| {readonly do: 'inspect'; readonly path: string}
	/** Without a folder: where the file browser begins. */
	| {readonly do: 'list-folder'; readonly folder?: string}
	| ({readonly do: 'start-run'} & StartRequest)
	/** Shows a run on Progress; `ask`: what to ask about it there. */
	| {readonly do: 'show-run'; readonly run: RunId; readonly ask?: 'retry' | 'end'}
	/** Shows on Progress how this run stood after one of its events; without a sequence number: how it is now. */
	| {readonly do: 'look-at'; readonly run: RunId; readonly sequence?: number}
	| {readonly do: 'stop-run' | 'end-run'; readonly run: RunId}
	/** `acknowledged`: the warnings that the operator takes responsibility for besides those from before. */
	| {readonly do: 'retry-run'; readonly run: RunId; readonly acknowledged?: readonly Acknowledgement[]}
	/** Text for a secret, `true` for a host key that is trusted; without an answer it is declined. */
	| {readonly do: 'answer-question'; readonly id: number; readonly answer?: string | true}
	| {readonly do: 'suspend'}
	| {readonly do: 'redraw'}
	| {readonly do: 'leave'};

/** What came of an effect. */
export type Answer =
	| {readonly to: 'inspect'; readonly path: string; readonly facts: PackageFacts}
	| {readonly to: 'list-folder'; readonly listing: FolderListing}
	| {readonly to: 'start-run' | 'retry-run' | 'end-run'; readonly run: RunId}
	| {readonly to: 'show-run'; readonly run: RunId; readonly ask?: 'retry' | 'end'}
	| {readonly to: 'control'; readonly agent: AgentId; readonly act: ControlAct}
	| {
			readonly to: Effect['do'];
			readonly path?: string;
			readonly agent?: AgentId;
			/** The run that could not be started. */
			readonly request?: StartRequest;
			readonly failure: Failure;
	  };

export type ScreenName = 'manage' | 'schedule' | 'progress' | 'runs';

/** A question in a box over the screen, with the safe answer preselected. */
export interface Dialog {
	readonly title: string;
	/** What will happen, and to whom. */
	readonly lines: readonly string[];
	readonly tone: 'info' | 'warning' | 'danger';
	readonly answers: readonly DialogAnswer[];
	/** Must be typed before any answer but the safe one counts. */
	readonly typeToConfirm?: string;
}

export interface DialogAnswer {
	/** A letter that chooses it; `n` and `esc` always choose the safe one, which is the first. */
	readonly key: string;
	readonly label: string;
	/** What choosing it leads to; the safe answer leads to nothing. */
	readonly effects?: readonly Effect[];
	readonly goTo?: ScreenName;
	/** The question that comes after it. */
	readonly dialog?: Dialog;
}

/** A short choice of what to do now; each line is an action of the key table that the screen below takes. */
export interface Menu {
	readonly title: string;
	readonly actions: readonly string[];
	/** What is wrong with what it is about. */
	readonly failure?: Failure;
}

/** What one key or answer leads to. */
export interface Step<State> {
	readonly state: State;
	readonly effects?: readonly Effect[];
	readonly goTo?: ScreenName;
	readonly dialog?: Dialog;
	readonly menu?: Menu;
	/** A line that is shown for a few seconds, such as why a key does nothing now. */
	readonly toast?: {readonly tone: 'info' | 'warning' | 'danger'; readonly text: string};
}

/**
 * A screen's logic: `press` for the id of a binding in its scopes, `type` for text while `typing` says so, `answer`
 * for what came back. All are pure.
 */
export interface ScreenLogic<State> {
	readonly initial: State;
	press(state: State, actionId: string, context: UpdateContext): Step<State>;
	type?(state: State, text: string, context: UpdateContext): Step<State>;
	answer?(state: State, answer: Answer, context: UpdateContext): Step<State>;
	/** The key scopes that are open, innermost first, e.g. `['files', 'schedule']`, or `['text', …]` while text is typed. */
	scopes(state: State): readonly KeyScope[];
	/** Why an action does nothing now; undefined when it works. */
	refusal?(state: State, actionId: string, context: UpdateContext): string | undefined;
}
