import {keyText} from '../chrome.ts';
import {Line, type Span} from '../components/line.tsx';
import {fit, wrap} from '../components/fit.ts';
import {Panel} from '../components/panel.tsx';
import {type HelpRow, type OpenHelp, helpRows} from '../state/help.ts';
import {settleList, visibleRows} from '../state/list-view.ts';
import {overlayListHeight} from '../state/layout.ts';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';

interface HelpBoxProps {
	readonly open: OpenHelp;
	readonly size: ScreenSize;
	/** Why an action does nothing now. */
	readonly refusalOf: (actionId: string) => string | undefined;
}

const widest = 100;
/** An empty line, and the whole sentence about the key under the cursor. */
const detailRows = 3;

/** The keys that were open below, by what they are for. */
export function HelpBox({open, size, refusalOf}: HelpBoxProps) {
	const glyphs = useGlyphs();
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const rows = helpRows(open);
	const height = overlayListHeight(size);
	const {cursor} = settleList(open.view, {count: rows.length, height});
	const shown = visibleRows(rows, open.view, height);
	const below = rows.length - (shown.at(-1)?.[1] ?? -1) - 1;
	const detail = wrap(detailText(rows[cursor], refusalOf), inner - 4, glyphs);
	const keyWidth = rows.reduce((most, row) => Math.max(most, keysText(row).length), 0) + 2;
	const search: readonly Span[] =
		open.searching || open.search !== ''
			? ['  Search: ', open.search, ['accent', open.searching ? glyphs.caret : '']]
			: [['muted', '  The keys of this screen; / searches, esc closes.']];
	return (
		<Panel title="Help" size={size} width={width} height={height + 4 + detailRows}>
			<Line spans={search} width={inner} />
			<Line spans={[]} width={inner} />
			{Array.from({length: height}, (_, index) => {
				const row = shown[index];
				return (
					<Line
						key={index}
						width={inner}
						selected={row?.[1] === cursor}
						spans={row ? rowSpans(row[0], keyWidth, refusalOf, glyphs) : []}
						end={index === height - 1 && below > 0 ? [['muted', `${below} more ${glyphs.down} `]] : []}
					/>
				);
			})}
			<Line spans={[]} width={inner} />
			{Array.from({length: detailRows - 1}, (_, index) => (
				<Line key={`detail ${index}`} width={inner} spans={['  ', detail[index] ?? '']} />
			))}
		</Panel>
	);
}

function rowSpans(
	row: HelpRow,
	keyWidth: number,
	refusalOf: HelpBoxProps['refusalOf'],
	glyphs: Glyphs,
): readonly Span[] {
	if (row.kind === 'heading') {
		return [['title', `  ${row.group}`]];
	}

	const refused = refusalOf(row.binding.id) !== undefined;
	return [
		[refused ? 'muted' : 'key', `    ${fit(keysText(row), keyWidth, glyphs)}`],
		[refused ? 'muted' : 'text', row.binding.help],
	];
}

function keysText(row: HelpRow): string {
	return row.kind === 'heading' ? '' : row.binding.keys.map(keyText).join(' ');
}

function detailText(row: HelpRow | undefined, refusalOf: HelpBoxProps['refusalOf']): string {
	if (row?.kind !== 'key') {
		return '';
	}

	const refusal = refusalOf(row.binding.id);
	return refusal === undefined ? row.binding.help : `Not now: ${refusal}`;
}
