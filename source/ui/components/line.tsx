import {Text} from 'ink';
import {useGlyphs, useTheme} from '../theme/appearance.tsx';
import {type Span, layLine} from './spans.ts';

export type {Span} from './spans.ts';

interface LineProps {
	readonly spans: readonly Span[];
	/** Columns; the line takes exactly as many. */
	readonly width: number;
	/** Stands at the right end; what is left of it gives way. */
	readonly end?: readonly Span[];
	/** Under the cursor: all of it is drawn as one bar. */
	readonly selected?: boolean;
}

/** One row of the screen: exactly `width` columns, so that it hides whatever it is drawn over. */
export function Line({spans, width, end = [], selected = false}: LineProps) {
	const glyphs = useGlyphs();
	const theme = useTheme();
	const pieces = layLine(spans, end, width, glyphs);
	return (
		<Text wrap="truncate-end" {...(selected && theme.role.selected)}>
			{selected
				? pieces.map(({text}) => text).join('')
				: pieces.map(({role, text}, index) => (
						<Text key={index} {...theme.role[role]}>
							{text}
						</Text>
					))}
		</Text>
	);
}
