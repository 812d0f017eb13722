import {Box} from 'ink';
import {keySpans} from '../chrome.ts';
import {ChoiceList} from '../components/choice-list.tsx';
import {cut} from '../components/fit.ts';
import {Line} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import {keymap} from '../input/keymap.ts';
import {type ClusterChoice, choiceHeight} from '../state/cluster-choice.ts';
import {bodyHeight, isTooSmall} from '../state/layout.ts';
import {visibleRows} from '../state/list-view.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {TooSmall} from './too-small.tsx';

const widest = 70;

/** What works here. */
const footer = keymap
	.filter(({id}) => id === 'menu.choose' || id === 'quit')
	.map(binding => (binding.id === 'quit' ? {...binding, label: 'leave'} : binding))
	.toReversed();

/** A whole frame with the clusters to choose from. */
export function ClusterChoiceScreen({
	choice,
	title,
}: {
	readonly choice: ClusterChoice;
	readonly title: string;
}) {
	const glyphs = useGlyphs();
	const {options, view, size} = choice;
	const {columns, rows} = size;
	if (isTooSmall(size)) {
		return (
			<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
				<TooSmall size={size} toast={undefined} />
			</Box>
		);
	}

	const body = {columns, rows: bodyHeight(size)};
	const width = Math.min(widest, columns - 4);
	const height = choiceHeight(choice);
	const shown = visibleRows(options, view, height);
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<Line width={columns} spans={[' ', ['title', title]]} />
			<Line width={columns} spans={[]} />
			<Box width={columns} height={body.rows} flexShrink={0} flexDirection="column" overflow="hidden">
				<Panel title="Which cluster?" size={body} width={width} height={height + 4}>
					<Line spans={[]} width={width - 2} />
					<ChoiceList
						cursor={view.cursor - (shown[0]?.[1] ?? 0)}
						width={width - 2}
						choices={shown.map(([{name, agents}]) => ({
							id: name,
							spans: [['title', cut(name, width - 20, glyphs)]],
							end: [['muted', `${agents} ${agents === 1 ? 'Agent' : 'Agents'}`]],
						}))}
					/>
					<Line spans={[]} width={width - 2} />
				</Panel>
			</Box>
			<Line width={columns} spans={keySpans(footer)} />
		</Box>
	);
}
