import {keyText} from '../chrome.ts';
import {Line} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import {overlayListHeight} from '../state/layout.ts';
import {settleList, visibleRows} from '../state/list-view.ts';
import {type OpenPalette, paletteActions} from '../state/palette.ts';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';

interface PaletteBoxProps {
	readonly open: OpenPalette;
	readonly size: ScreenSize;
	/** Why an action does nothing now. */
	readonly refusalOf: (actionId: string) => string | undefined;
}

const widest = 90;
const tallest = 14;

/** Actions by name; the same that the keys do. */
export function PaletteBox({open, size, refusalOf}: PaletteBoxProps) {
	const glyphs = useGlyphs();
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const actions = paletteActions(open);
	const height = Math.min(tallest, overlayListHeight(size));
	const {cursor} = settleList(open.view, {count: actions.length, height});
	const shown = visibleRows(actions, open.view, height);
	return (
		<Panel title="Commands" size={size} width={width} height={height + 4}>
			<Line
				width={inner}
				spans={[['accent', '  : '], open.text, ['accent', glyphs.caret]]}
				end={[['muted', `${actions.length} `]]}
			/>
			<Line spans={[]} width={inner} />
			{Array.from({length: height}, (_, index) => {
				const row = shown[index];
				if (!row) {
					const nothing = index === 0 ? [['muted', '    No action has this in its name.'] as const] : [];
					return <Line key={index} width={inner} spans={nothing} />;
				}

				const [{id, label, help, keys}, place] = row;
				const refused = refusalOf(id) !== undefined;
				return (
					<Line
						key={index}
						width={inner}
						selected={place === cursor}
						spans={[
							place === cursor ? `  ${glyphs.pointer} ` : '    ',
							[refused ? 'muted' : 'title', label.padEnd(18)],
							['muted', help],
						]}
						end={[['key', ` ${keyText(keys[0] ?? '')} `]]}
					/>
				);
			})}
		</Panel>
	);
}
