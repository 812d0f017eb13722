import type {PackageKind} from './package-facts.ts';
import type {PackageName} from './package-name.ts';
import {type UpdateAction, restartsOf, updatesFolder} from './update-content.ts';

/** Everything that hints at a package's kind. */
export interface KindHints {
	readonly name: PackageName;
	readonly description: string | undefined;
	/** Undefined where the package has no `UpdateContent.txt`. */
	readonly actions: readonly UpdateAction[] | undefined;
	readonly hasPrerequisites: boolean;
}

export interface KindDecision {
	readonly kind: PackageKind;
	/** What does not fit together; one sentence. */
	readonly disagreement?: {readonly severity: 'block' | 'warn'; readonly message: string};
}

type Claim = NonNullable<PackageName['kind']>;

const claimNames: Readonly<Record<Claim, string>> = {
	full: 'full upgrade',
	web: 'web upgrade',
	cumulative: 'cumulative update',
};

/**
 * What kind of package it is. The name claims, the actions prove: where they contradict each other, the actions win,
 * for they are what is carried out.
 */
export function decideKind(hints: KindHints): KindDecision {
	const {name, actions} = hints;
	const described = describedKind(hints.description);
	const claim = name.kind ?? described;
	if (claim === undefined) {
		return {kind: kindOfFreeName(hints)};
	}

	const contradiction = actions && actions.length > 0 ? contradict(claim, actions) : undefined;
	if (contradiction) {
		return contradiction;
	}

	return name.kind !== undefined && described !== undefined && described !== name.kind
		? {
				kind: name.kind,
				disagreement: {
					severity: 'warn',
					message: `The name says ${claimNames[name.kind]}, but Description.txt says ${claimNames[described]}.`,
				},
			}
		: {kind: claim};
}

/** `DataMiner Upgrade (Full)` */
function describedKind(description: string | undefined): Claim | undefined {
	const word = /\((full|web|partial)\)/i.exec(description ?? '')?.[1]?.toLowerCase();
	return word === 'full' || word === 'web' ? word : word === 'partial' ? 'cumulative' : undefined;
}

function contradict(claim: Claim, actions: readonly UpdateAction[]): KindDecision | undefined {
	const restarts = restartsOf(actions);
	if (restarts === 'unknown') {
		return undefined;
	}

	if (claim === 'web') {
		// Whoever schedules a web upgrade counts on Agents that stay up.
		return restarts === 'agent'
			? {
					kind: 'unknown',
					disagreement: {
						severity: 'block',
						message:
							'It is called a web upgrade, which leaves DataMiner running, but its actions stop or restart DataMiner.',
					},
				}
			: undefined;
	}

	return restarts === 'agent'
		? undefined
		: {
				kind: restarts === 'web-server' ? 'web' : 'tool',
				disagreement: {
					severity: 'warn',
					message: `It is called a ${claimNames[claim]}, which restarts DataMiner, but its actions leave DataMiner running.`,
				},
			};
}

function kindOfFreeName({actions, hasPrerequisites}: KindHints): PackageKind {
	if (!actions || actions.length === 0) {
		return hasPrerequisites ? 'tool' : 'unknown';
	}

	const restarts = restartsOf(actions);
	if (restarts === 'agent') {
		// Root and Files hold DataMiner's own programs; tools that merely restart it do not bring them.
		return updatesFolder(actions, 'Root') || updatesFolder(actions, 'Files') ? 'full' : 'tool';
	}

	return restarts === 'web-server' && updatesFolder(actions, 'WebPages') ? 'web' : 'tool';
}
