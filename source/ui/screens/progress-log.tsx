import {Box} from 'ink';
import type {LogEntry} from '../../domain/run-log.ts';
import {visibleText} from '../../domain/text.ts';
import {fit} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {dateAndTime} from '../components/date-time.ts';
import {timeOfDay} from '../components/time.ts';
import {type LogLine, type LogView, type LogWindow, logWindow} from '../state/log-view.ts';
import {logFootRows, messageColumn, timeColumns, typeColumns, wideLog} from '../state/progress-layout.ts';
import {plural} from '../state/wave-words.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';
import {logRole} from './log-role.ts';

interface ProgressLogProps {
	readonly log: readonly LogEntry[];
	readonly view: LogView;
	readonly wrapped: boolean;
	readonly typing: boolean;
	readonly width: number;
	/** Rows, with the names of the columns and the line below. */
	readonly height: number;
}

/** TIME, TYPE and MESSAGE of what happened. */
export function ProgressLog({log, view, wrapped, typing, width, height}: ProgressLogProps) {
	const glyphs = useGlyphs();
	const room = Math.max(1, height - 1 - logFootRows);
	const shape = {width: Math.max(1, width - messageColumn(width)), height: room, wrapped, glyphs};
	const shown = logWindow(log, view, shape);
	const head = ` ${fit('TIME', timeColumns(width), glyphs)}  ${fit('TYPE', typeColumns, glyphs)}  MESSAGE`;
	const nothing = view.filter === '' ? 'Nothing was logged yet.' : 'No line has what the filter asks for.';
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			<Line width={width} spans={[['muted', head]]} />
			{Array.from({length: room}, (_, index) => {
				const line = shown.lines[index];
				const isEmpty = index === 0 && shown.lines.length === 0;
				return (
					<Line
						key={index}
						width={width}
						spans={line ? lineSpans(line, width, glyphs) : isEmpty ? [['muted', ` ${nothing}`]] : []}
					/>
				);
			})}
			<Line
				width={width}
				spans={footSpans(log, view, shown, typing, glyphs)}
				end={placeSpans(shown, wrapped, glyphs)}
			/>
		</Box>
	);
}

function lineSpans({entry, line, text}: LogLine, width: number, glyphs: Glyphs): readonly Span[] {
	const roles = logRole(entry.type);
	if (line > 0) {
		return [' '.repeat(messageColumn(width)), [roles.message, text]];
	}

	const time = width >= wideLog ? dateAndTime(entry.at) : timeOfDay(entry.at);
	return [
		['muted', ` ${time}  `],
		[roles.type, `${fit(visibleText(entry.type), typeColumns, glyphs)}  `],
		[roles.message, text],
	];
}

function footSpans(
	log: readonly LogEntry[],
	{filter}: LogView,
	{matching}: LogWindow,
	typing: boolean,
	glyphs: Glyphs,
): readonly Span[] {
	if (typing || filter !== '') {
		return [
			['key', ' /'],
			`${filter}${typing ? glyphs.caret : ''}`,
			['muted', `  ${matching} of ${plural(log.length, 'line')}`],
		];
	}

	return [['muted', ` ${plural(log.length, 'line')}`]];
}

/** Where the reader stands: at the end, or how much arrived since he left it. */
function placeSpans({following, newer}: LogWindow, wrapped: boolean, glyphs: Glyphs): readonly Span[] {
	const wrapping: readonly Span[] = wrapped ? [['muted', `wrapped ${glyphs.dot} `]] : [];
	if (following) {
		return [...wrapping, ['muted', 'following ']];
	}

	return [
		...wrapping,
		newer > 0 ? ['accent', `${newer} new ${glyphs.down}`] : ['muted', 'standing still'],
		['muted', ` ${glyphs.dot} `],
		['key', 'G'],
		['muted', ' follows '],
	];
}
