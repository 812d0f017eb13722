import type {KeyScope} from '../input/keymap.ts';
import type {AgentId} from '../../domain/agent.ts';
import type {PackageFacts} from '../../domain/package-facts.ts';
import type {UpgradePlan} from '../../domain/plan.ts';
import type {RunState} from '../../domain/run-state.ts';
import type {Failure} from '../../domain/user-error.ts';
import type {ClusterView, FolderListing, PackageListing} from '../ports.ts';

/** What the screens show and do not own: the newest that came from outside. */
export interface DashboardData {
	readonly cluster?: ClusterView;
	readonly packages: readonly PackageListing[];
	/** The run that is going on or was the last of this session. */
	readonly run?: RunState;
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

/** What a reducer asks the outside to do; the answer comes back as an `Answer`. */
export type Effect =
	| {readonly do: 'refresh'}
	| {readonly do: 'control'; readonly agent: AgentId; readonly act: ControlAct}
	| {readonly do: 'inspect'; readonly path: string}
	/** Without a folder: where the file browser begins. */
	| {readonly do: 'list-folder'; readonly folder?: string}
	| {readonly do: 'start-run'; readonly plan: UpgradePlan; readonly packagePath: string}
	| {readonly do: 'stop-run'}
	| {readonly do: 'suspend'}
	| {readonly do: 'redraw'}
	| {readonly do: 'leave'};

/** What came of an effect. */
export type Answer =
	| {readonly to: 'inspect'; readonly path: string; readonly facts: PackageFacts}
	| {readonly to: 'list-folder'; readonly listing: FolderListing}
	| {readonly to: 'start-run'}
	| {readonly to: 'control'; readonly agent: AgentId; readonly act: ControlAct}
	| {readonly to: Effect['do']; readonly path?: string; readonly agent?: AgentId; readonly failure: Failure};

export type ScreenName = 'manage' | 'schedule' | 'progress';

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
}

/** A short choice of what to do now; each line is an action of the key table that the screen below takes. */
export interface Menu {
	readonly title: string;
	readonly actions: readonly string[];
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
