import {Box} from 'ink';
import {keySpans, keysThatFit, tabSpans} from '../chrome.ts';
import {wrap} from '../components/fit.ts';
import {Line} from '../components/line.tsx';
import {TopLineBar} from '../components/top-line-bar.tsx';
import {footerBindings} from '../input/footer.ts';
import {type DashboardState, type OpenToast, contextOf, openScopes} from '../state/dashboard.ts';
import {bodyHeight, isTooSmall} from '../state/layout.ts';
import {refusalOf} from '../state/perform.ts';
import type {ScreenSize} from '../state/update.ts';
import {topLine} from '../state/top-line.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {roleOfTone} from '../theme/theme.ts';
import {ManageScreen} from './manage.tsx';
import {OverlayBox} from './overlay.tsx';
import {ProgressScreen} from './progress.tsx';
import {RunsScreen} from './runs.tsx';
import {ScheduleScreen} from './schedule.tsx';
import {TooSmall} from './too-small.tsx';

interface DashboardProps {
	readonly state: DashboardState;
	/** Stands where the cluster's name will be. */
	readonly title: string;
}

/** A whole frame: exactly as many rows and columns as the terminal has. */
export function Dashboard({state, title}: DashboardProps) {
	const glyphs = useGlyphs();
	const {size, screen, overlays, toast, data, now} = state;
	const {columns, rows} = size;
	if (isTooSmall(size)) {
		return (
			<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
				<TooSmall size={size} toast={toast?.text} />
			</Box>
		);
	}

	const refusal = (id: string) => refusalOf(state, id);
	const leaving = screen === 'manage' && overlays.length === 0;
	const {left, right} = footerBindings(openScopes(state), {leaving});
	const body = {columns, rows: bodyHeight(size)};
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<TopLineBar line={topLine(data)} title={title} now={now} width={columns} />
			<Line width={columns} spans={tabSpans(screen, glyphs)} />
			<Box width={columns} height={body.rows} flexShrink={0} flexDirection="column" overflow="hidden">
				<OpenScreen state={state} width={columns} height={body.rows} />
				{overlays.map((overlay, index) => (
					<OverlayBox key={index} overlay={overlay} size={body} refusalOf={refusal} />
				))}
				{toast && <Toast toast={toast} size={body} />}
			</Box>
			<Line
				width={columns}
				spans={keySpans(keysThatFit(left, right, columns), ({id}) => refusal(id) !== undefined)}
				end={keySpans(right, ({id}) => refusal(id) !== undefined)}
			/>
		</Box>
	);
}

interface OpenScreenProps {
	readonly state: DashboardState;
	readonly width: number;
	readonly height: number;
}

function OpenScreen({state, width, height}: OpenScreenProps) {
	const common = {context: contextOf(state), width, height};
	switch (state.screen) {
		case 'manage':
			return <ManageScreen state={state.screens.manage} {...common} />;
		case 'schedule':
			return <ScheduleScreen state={state.screens.schedule} {...common} />;
		case 'progress':
			return <ProgressScreen state={state.screens.progress} {...common} />;
		case 'runs':
			return <RunsScreen state={state.screens.runs} {...common} />;
	}
}

interface ToastProps {
	readonly toast: OpenToast;
	/** Of what it lies over. */
	readonly size: ScreenSize;
}

const toastRows = 3;

function Toast({toast: {tone, text}, size: {columns, rows}}: ToastProps) {
	const glyphs = useGlyphs();
	const mark = {info: glyphs.bullet, warning: glyphs.warning, danger: glyphs.failed}[tone];
	const lines = wrap(text, columns - 4, glyphs).slice(0, toastRows);
	return (
		<Box position="absolute" top={rows - lines.length} left={0} flexDirection="column">
			{lines.map((line, index) => (
				<Line
					key={index}
					width={columns}
					spans={[[roleOfTone(tone), ` ${index === 0 ? mark : ' '} ${line}`]]}
				/>
			))}
		</Box>
	);
}
