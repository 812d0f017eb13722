import {type KeyBinding, type KeyScope, keymap} from './keymap.ts';

/** What a key means: an action of the table, or text. */
export type KeyMeaning =
	{readonly kind: 'action'; readonly binding: KeyBinding} | {readonly kind: 'text'; readonly text: string};

/**
 * The meaning of a named key where these scopes are open, innermost first; the keys of `everywhere` come last. Where
 * `text` is open, a character that neither it nor a scope inside it binds is text. Undefined: the key means nothing here.
 */
export function meaningOf(
	key: string,
	scopes: readonly KeyScope[],
	bindings: readonly KeyBinding[] = keymap,
): KeyMeaning | undefined {
	const text = textOf(key);
	for (const scope of [...scopes, 'everywhere' as const]) {
		const binding = bindings.find(candidate => candidate.scope === scope && candidate.keys.includes(key));
		if (binding) {
			return {kind: 'action', binding};
		}

		if (scope === 'text' && text !== undefined) {
			return {kind: 'text', text};
		}
	}

	return undefined;
}

/** The bindings that can be reached now, in the order of the table, without those whose every key is hidden by an inner scope. */
export function openBindings(
	scopes: readonly KeyScope[],
	bindings: readonly KeyBinding[] = keymap,
): readonly KeyBinding[] {
	const open = new Set<KeyScope>([...scopes, 'everywhere']);
	return bindings.filter(
		binding =>
			open.has(binding.scope) &&
			binding.keys.some(key => {
				const meaning = meaningOf(key, scopes, bindings);
				return meaning?.kind === 'action' && meaning.binding === binding;
			}),
	);
}

function textOf(key: string): string | undefined {
	if (key === 'space') {
		return ' ';
	}

	// Names of keys are longer than what a reader calls one character, except for signs of several code points.
	return key.length === 1 || !/^[a-z+]+$/.test(key) ? key : undefined;
}
