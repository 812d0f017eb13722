import {Box} from 'ink';
import {wrap} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {Rule} from '../components/rule.tsx';
import {type FormButton, type FormSection, focusedIndex, formRows} from '../state/schedule-form.ts';
import {pressRefusal} from '../state/schedule.ts';
import type {ScheduleState} from '../state/schedule-state.ts';
import type {UpdateContext} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {FileBrowserView} from './file-browser.tsx';
import {type FormLine, blankLine, scrollTop} from './form-line.ts';
import {type FormInput, choiceLines} from './schedule-form-lines.ts';
import {hintOf} from './schedule-hint.ts';
import {outlookLines} from './schedule-outlook-lines.ts';

interface ScheduleScreenProps {
	readonly state: ScheduleState;
	readonly context: UpdateContext;
	readonly width: number;
	readonly height: number;
}

/** From this width on the plan stands beside the form and not below it. */
const wideForm = 110;
const gap = 3;
/** The rule, the hint and the buttons below the form. */
const footRows = 4;
const hintRows = 2;

/** What stands beside the form where there is room. */
const besideForm: ReadonlySet<FormSection> = new Set(['plan', 'readiness', 'manual']);

/** Upgrade › Schedule. */
export function ScheduleScreen({state, context, width, height}: ScheduleScreenProps) {
	if (state.files) {
		return <FileBrowserView browser={state.files} width={width} height={height} />;
	}

	return <Form state={state} context={context} width={width} height={height} />;
}

function Form({state, context, width, height}: ScheduleScreenProps) {
	const glyphs = useGlyphs();
	const {data, now} = context;
	const rows = formRows(state, context);
	const row = rows[focusedIndex(rows, state.focus)];
	const focus = row?.id ?? '';
	const isWide = width >= wideForm;
	const leftWidth = isWide ? Math.floor((width - gap) * 0.64) : width;
	const rightWidth = width - gap - leftWidth;
	const room = Math.max(1, height - footRows);
	const common = {state, data, now, rows, focus, glyphs, room} satisfies Omit<FormInput, 'width'>;
	const left = choiceLines({...common, width: leftWidth});
	const right = outlookLines({...common, width: isWide ? rightWidth : leftWidth});
	const stacked = isWide ? left : [...left, blankLine, ...right];
	// Beyond the form's last row its end is what the cursor was at.
	const isBelow = row?.section === 'buttons' || (isWide && row !== undefined && besideForm.has(row.section));
	const top = isBelow ? Math.max(0, stacked.length - room) : scrollTop(stacked, focus, room);
	const rightTop = isWide ? scrollTop(right, focus, room) : 0;
	const more = [
		...(top > 0 || rightTop > 0 ? [glyphs.up] : []),
		...(top + room < stacked.length || (isWide && rightTop + room < right.length) ? [glyphs.down] : []),
	].join(' ');
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Box height={room} flexShrink={0}>
				<FormLines lines={stacked} top={top} height={room} width={leftWidth} focus={focus} />
				{isWide && (
					<>
						<Divider height={room} />
						<FormLines lines={right} top={rightTop} height={room} width={rightWidth} focus={focus} />
					</>
				)}
			</Box>
			<Rule width={width} note={more === '' ? '' : `${more} more`} />
			<Hint text={hintOf(row, state, context)} width={width} />
			<Buttons
				focused={row?.kind === 'button' ? row.button : undefined}
				refused={{
					upload: pressRefusal(state, context, 'upload') !== undefined,
					upgrade: pressRefusal(state, context, 'upgrade') !== undefined,
					close: false,
				}}
				width={width}
			/>
		</Box>
	);
}

interface FormLinesProps {
	readonly lines: readonly FormLine[];
	readonly top: number;
	readonly height: number;
	readonly width: number;
	readonly focus: string;
}

function FormLines({lines, top, height, width, focus}: FormLinesProps) {
	const shown = lines.slice(top, top + height);
	const filled = [...shown, ...Array.from({length: height - shown.length}, () => blankLine)];
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			{filled.map((line, index) => (
				<Line
					key={index}
					spans={line.spans}
					width={width}
					selected={line.row === focus}
					{...(line.end && {end: line.end})}
				/>
			))}
		</Box>
	);
}

function Divider({height}: {readonly height: number}) {
	const glyphs = useGlyphs();
	return (
		<Box flexDirection="column" width={gap} flexShrink={0}>
			{Array.from({length: height}, (_, index) => (
				<Line key={index} spans={[['muted', ` ${glyphs.vertical} `]]} width={gap} />
			))}
		</Box>
	);
}

function Hint({text, width}: {readonly text: string; readonly width: number}) {
	const glyphs = useGlyphs();
	const lines = wrap(text, width - 2, glyphs);
	return Array.from({length: hintRows}, (_, index) => {
		const isCut = index === hintRows - 1 && lines.length > hintRows;
		return (
			<Line
				key={index}
				width={width}
				spans={[['muted', ` ${isCut ? lines.slice(index).join(' ') : (lines[index] ?? '')}`]]}
			/>
		);
	});
}

const buttonLabels: Readonly<Record<FormButton, string>> = {
	upload: 'Upload only',
	upgrade: 'Upgrade',
	close: 'Close',
};

interface ButtonsProps {
	readonly focused: FormButton | undefined;
	readonly refused: Readonly<Record<FormButton, boolean>>;
	readonly width: number;
}

function Buttons({focused, refused, width}: ButtonsProps) {
	const buttons = (['upload', 'upgrade', 'close'] as const).flatMap((button): Span[] => {
		const role = button === focused ? 'selected' : refused[button] ? 'muted' : 'title';
		return [[role, `[ ${buttonLabels[button]} ]`], '  '];
	});
	return <Line width={width} spans={[]} end={buttons.slice(0, -1)} />;
}
