import {openBindings} from './dispatch.ts';
import type {KeyBinding, KeyScope} from './keymap.ts';

export interface FooterBindings {
	readonly left: readonly KeyBinding[];
	/** What is the same everywhere; it never gives way. */
	readonly right: readonly KeyBinding[];
}

/** The keys of the bottom line. `leaving`: going back leaves the program. */
export function footerBindings(
	scopes: readonly KeyScope[],
	{leaving}: {readonly leaving: boolean},
): FooterBindings {
	const inScreen = scopes.length === 1 && !overlayScopes.has(scopes[0] ?? 'everywhere');
	// Over a screen, esc is the way back that people know.
	const wayBack = inScreen ? 'quit' : 'back';
	const shown = openBindings(scopes).filter(
		({id, footer}) => id === wayBack || (footer === true && id !== 'quit'),
	);
	return {
		left: shown.filter(({scope}) => scope !== 'everywhere'),
		right: shown
			.filter(({scope}) => scope === 'everywhere')
			.map(binding => (binding.id === 'quit' && leaving ? {...binding, label: 'leave'} : binding)),
	};
}

const overlayScopes = new Set<KeyScope>(['dialog', 'menu', 'help', 'palette', 'text', 'files']);
