import {keyText} from '../chrome.ts';
import {ChoiceList} from '../components/choice-list.tsx';
import {wrap} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import {type OpenMenu, menuActions} from '../state/menu.ts';
import type {Failure} from '../../domain/user-error.ts';
import {visibleText} from '../../domain/text.ts';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';

interface MenuBoxProps {
	readonly open: OpenMenu;
	readonly size: ScreenSize;
	/** Why an action does nothing now. */
	readonly refusalOf: (actionId: string) => string | undefined;
}

const widest = 70;

/** What can be done now with what is under the cursor. */
export function MenuBox({open, size, refusalOf}: MenuBoxProps) {
	const glyphs = useGlyphs();
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const actions = menuActions(open);
	const told = failureLines(open.menu.failure, inner, size.rows - actions.length - 6, glyphs);
	return (
		<Panel title={open.menu.title} size={size} width={width} height={told.length + actions.length + 4}>
			<Line spans={[]} width={inner} />
			{told.map((spans, index) => (
				<Line key={index} spans={spans} width={inner} />
			))}
			<ChoiceList
				cursor={open.view.cursor}
				width={inner}
				choices={actions.map(({id, label, keys, help}) => {
					const refusal = refusalOf(id);
					return {
						id,
						spans: [
							[refusal === undefined ? 'title' : 'muted', label.padEnd(10)],
							['muted', ` ${refusal ?? help}`],
						],
						end: [['key', keyText(keys[0] ?? '')]],
					};
				})}
			/>
			<Line spans={[]} width={inner} />
		</Panel>
	);
}

/** What went wrong and what to do, in full, as far as there is room: beside the list it may be cut. */
function failureLines(
	failure: Failure | undefined,
	width: number,
	room: number,
	glyphs: Glyphs,
): readonly (readonly Span[])[] {
	if (!failure) {
		return [];
	}

	const block = (text: string, role: 'bad' | 'text', mark: string): readonly (readonly Span[])[] =>
		wrap(visibleText(text, 600), width - 5, glyphs).map((line, index) => [
			[role, ` ${index === 0 ? mark.padEnd(3) : '   '}${line}`],
		]);
	const lines = [
		...block(failure.message, 'bad', glyphs.failed),
		...failure.nextSteps.flatMap(step => block(step, 'text', glyphs.arrow)),
	];
	return [...(lines.length < room ? lines : [...lines.slice(0, room - 2), [` ${glyphs.ellipsis}`]]), []];
}
