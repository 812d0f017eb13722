import {setImmediate as nextTurn} from 'node:timers/promises';
import {render, useApp, useInput, useWindowSize} from 'ink';
import {useEffect, useRef, useState} from 'react';
import {createKeyNamer} from './input/name-keys.ts';
import {ClusterChoiceScreen} from './screens/cluster-choice-screen.tsx';
import {
	type ClusterOption,
	openClusterChoice,
	pressClusterChoice,
	resizeClusterChoice,
} from './state/cluster-choice.ts';
import {type Appearance, AppearanceProvider} from './theme/appearance.tsx';

interface ChoosingOptions {
	readonly options: readonly ClusterOption[];
	readonly appearance: Appearance;
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly title?: string;
}

/** Asks on the whole terminal which cluster is meant. Undefined: whoever was asked left. */
export async function chooseCluster({
	options,
	appearance,
	stdin,
	stdout,
	title = 'dms-upgrade',
}: ChoosingOptions): Promise<string | undefined> {
	let chosen: string | undefined;
	// Node stops to read a paused terminal a moment later, even if somebody wants to read it again by then.
	await nextTurn();
	// Keys that are typed before the first frame would be echoed onto it otherwise.
	stdin.setRawMode(true);
	try {
		const app = render(
			<AppearanceProvider appearance={appearance}>
				<Choosing
					options={options}
					title={title}
					onChosen={name => {
						chosen = name;
					}}
				/>
			</AppearanceProvider>,
			{
				stdin,
				stdout,
				interactive: true,
				exitOnCtrlC: false,
				alternateScreen: true,
				incrementalRendering: true,
			},
		);
		await app.waitUntilExit();
	} finally {
		stdin.setRawMode(false);
		stdin.pause();
		await nextTurn();
	}

	return chosen;
}

interface ChoosingProps {
	readonly options: readonly ClusterOption[];
	readonly title: string;
	readonly onChosen: (name: string | undefined) => void;
}

function Choosing({options, title, onChosen}: ChoosingProps) {
	const {columns, rows} = useWindowSize();
	const {exit} = useApp();
	const [nameKeys] = useState(createKeyNamer);
	const [choice, setChoice] = useState(() => openClusterChoice(options, {columns, rows}));
	// Keys that come in one burst each find what the one before left, drawn or not.
	const newest = useRef(choice);
	const isOver = useRef(false);

	useEffect(() => {
		newest.current = resizeClusterChoice(newest.current, {columns, rows});
		setChoice(newest.current);
	}, [columns, rows]);

	useInput((input, key) => {
		for (const name of nameKeys(input, key)) {
			if (isOver.current) {
				return;
			}

			const step = pressClusterChoice(newest.current, name);
			if ('open' in step) {
				newest.current = step.open;
			} else {
				isOver.current = true;
				onChosen(step.chosen);
				exit();
			}
		}

		setChoice(newest.current);
	});

	return <ClusterChoiceScreen choice={choice} title={title} />;
}
