import {Line, type Span} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import {cut, wrap} from '../components/fit.ts';
import {type OpenDialog, isOffered, isTyping} from '../state/dialog.ts';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {roleOfTone} from '../theme/theme.ts';

interface DialogBoxProps {
	readonly open: OpenDialog;
	readonly size: ScreenSize;
}

const widest = 76;

/** A question over the screen, its safe answer first. */
export function DialogBox({open, size}: DialogBoxProps) {
	const glyphs = useGlyphs();
	const {dialog, typed, choice} = open;
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const asked: readonly (readonly Span[])[] = isTyping(open)
		? [
				[],
				[
					'  Type ',
					['title', cut(dialog.typeToConfirm ?? '', inner - 30, glyphs)],
					' to confirm: ',
					typed,
					['accent', glyphs.caret],
				],
			]
		: [];
	// Frame, an empty line above and below the text, and one below the answers.
	const room = Math.max(1, size.rows - 2 - 2 - 3 - asked.length - dialog.answers.length);
	const lines = dialog.lines.flatMap(line => wrap(line, inner - 4, glyphs));
	const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), glyphs.ellipsis];
	const rows: readonly (readonly Span[])[] = [[], ...shown.map(line => [`  ${line}`]), ...asked, []];
	return (
		<Panel
			title={dialog.title}
			role={roleOfTone(dialog.tone)}
			size={size}
			width={width}
			height={rows.length + dialog.answers.length + 3}
		>
			{rows.map((spans, index) => (
				<Line key={index} spans={spans} width={inner} />
			))}
			{dialog.answers.map(({key, label}, index) => (
				<Line
					key={key}
					width={inner}
					selected={index === choice}
					spans={[
						index === choice ? ` ${glyphs.pointer} ` : '   ',
						...(isTyping(open) ? [] : [['key', `${key}  `] as const]),
						isOffered(open, index) ? label : ['muted', label],
					]}
				/>
			))}
			<Line spans={[]} width={inner} />
		</Panel>
	);
}
