import type {Restarts} from './package-facts.ts';

/** What an action does to an Agent, as far as its restarts are concerned. */
export type ActionEffect = 'agent' | 'web-server' | 'another-package' | 'none' | 'unknown';

/** One line of `UpdateContent.txt`. */
export interface UpdateAction {
	/** As it stands there, without surrounding blanks. */
	readonly line: string;
	/** Lower case. */
	readonly verb: string;
	/** What follows the verb; may be empty. */
	readonly argument: string;
	readonly effect: ActionEffect;
}

/**
 * The actions that a package can name, which DataMiner reads without regard to case.
 * Source: Actions_that_can_be_performed_during_an_upgrade_operation.md
 */
const effects: ReadonlyMap<string, ActionEffect> = new Map<string, ActionEffect>([
	['lock', 'none'],
	['unlock', 'none'],
	// Disabling the services stops them as well.
	['disable', 'agent'],
	['enable', 'none'],
	['kill', 'agent'],
	['start', 'agent'],
	['iis', 'web-server'],
	['update', 'none'],
	['delete', 'none'],
	['extract', 'none'],
	['execute', 'none'],
	['js', 'none'],
	['ps', 'none'],
	['register', 'none'],
	['setoption', 'none'],
	['upgradedb', 'none'],
	['upgradedataminertaskbarutility', 'none'],
	['upgradesltaskbarutility', 'none'],
	['executeupgrade', 'another-package'],
	['addrollbackaction', 'none'],
	['sleep', 'none'],
	['installapp', 'none'],
]);

/** The actions in the order of the file; blank lines are none. */
export function parseUpdateContent(text: string): readonly UpdateAction[] {
	return text
		.split(/\r\n|\r|\n/)
		.map(line => line.trim())
		.filter(line => line !== '')
		.map(parseAction);
}

/**
 * What carrying out these actions restarts. A package restarts the Agent if and only if it disables, kills or starts
 * DataMiner or reboots Windows; what a package does that is carried out by another one cannot be said.
 */
export function restartsOf(actions: readonly UpdateAction[]): Restarts {
	const found = new Set(actions.map(action => action.effect));
	if (found.has('agent')) {
		return 'agent';
	}

	if (found.has('another-package')) {
		return 'unknown';
	}

	return found.has('web-server') ? 'web-server' : 'nothing';
}

/** True when the actions replace `C:\Skyline DataMiner\<folder>`. */
export function updatesFolder(actions: readonly UpdateAction[], folder: string): boolean {
	return actions.some(
		({verb, argument}) => verb === 'update' && argument.toLowerCase() === folder.toLowerCase(),
	);
}

function parseAction(line: string): UpdateAction {
	const space = line.search(/\s/);
	const verb = (space < 0 ? line : line.slice(0, space)).toLowerCase();
	const argument = space < 0 ? '' : line.slice(space).trim();
	const reboots = verb === 'setoption' && argument.toLowerCase() === 'reboot';
	return {line, verb, argument, effect: reboots ? 'agent' : (effects.get(verb) ?? 'unknown')};
}
