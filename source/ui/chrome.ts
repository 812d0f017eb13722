import type {Span} from './components/spans.ts';
import type {KeyBinding} from './input/keymap.ts';
import type {ScreenName} from './state/update.ts';
import type {Glyphs} from './theme/glyphs.ts';

/** `Agents › Manage` and the tabs of the Upgrade window, as in System Center. */
export function tabSpans(screen: ScreenName, glyphs: Glyphs): readonly Span[] {
	const tab = (name: ScreenName, key: string, label: string): readonly Span[] => [
		['muted', `${key} `],
		[screen === name ? 'accent' : 'muted', label],
	];
	return [
		' ',
		...tab('manage', '1', `Agents ${glyphs.level} Manage`),
		['muted', `   ${glyphs.vertical}   Upgrade ${glyphs.level}  `],
		...tab('schedule', '2', 'Schedule'),
		'   ',
		...tab('progress', '3', 'Progress'),
		['muted', `   ${glyphs.vertical}   `],
		...tab('runs', '4', 'Runs'),
	];
}

/** Keys and what they do; those that do nothing now are dimmed. */
export function keySpans(
	bindings: readonly KeyBinding[],
	isRefused: (binding: KeyBinding) => boolean = () => false,
): readonly Span[] {
	return bindings.flatMap((binding, index): readonly Span[] => {
		const refused = isRefused(binding);
		return [
			index === 0 ? ' ' : '  ',
			[refused ? 'muted' : 'key', keyText(binding.keys[0] ?? '')],
			[refused ? 'muted' : 'text', ` ${binding.label}`],
		];
	});
}

/** As many of the bindings as fit into `width` columns beside `right`, from the first; none is cut. */
export function keysThatFit(
	left: readonly KeyBinding[],
	right: readonly KeyBinding[],
	width: number,
): readonly KeyBinding[] {
	let room = width - columnsOf(right) - 1;
	return left.filter(binding => {
		room -= columnsOf([binding]);
		return room >= 0;
	});
}

function columnsOf(bindings: readonly KeyBinding[]): number {
	return bindings.reduce((sum, {keys, label}) => sum + keyText(keys[0] ?? '').length + label.length + 3, 0);
}

const signs: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	home: 'Home',
	end: 'End',
};

/** A key as people write it. */
export function keyText(key: string): string {
	return Object.hasOwn(signs, key) ? (signs[key] ?? key) : key;
}
