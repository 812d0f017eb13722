import SelectInput from 'ink-select-input';
import {createContext, useContext} from 'react';
import {useGlyphs} from '../theme/appearance.tsx';
import {Line, type Span} from './line.tsx';

export interface Choice {
	readonly id: string;
	readonly spans: readonly Span[];
	readonly end?: readonly Span[];
}

interface ChoiceListProps {
	readonly choices: readonly Choice[];
	/** Index of the choice under the cursor. */
	readonly cursor: number;
	readonly width: number;
}

interface Layout {
	readonly byId: ReadonlyMap<string, Choice>;
	readonly width: number;
}

const LayoutContext = createContext<Layout>({byId: new Map(), width: 0});

/** A short list to choose from. It only shows: keys go through the dispatcher, since the component loses fast ones. */
export function ChoiceList({choices, cursor, width}: ChoiceListProps) {
	const items = choices.map(({id}) => ({key: id, label: id, value: id}));
	return (
		<LayoutContext value={{byId: new Map(choices.map(choice => [choice.id, choice])), width}}>
			<SelectInput
				key={cursor}
				items={items}
				initialIndex={cursor}
				isFocused={false}
				indicatorComponent={NoIndicator}
				itemComponent={ChoiceRow}
			/>
		</LayoutContext>
	);
}

function NoIndicator() {
	return null;
}

interface ChoiceRowProps {
	readonly isSelected?: boolean;
	readonly label: string;
}

function ChoiceRow({isSelected = false, label}: ChoiceRowProps) {
	const {byId, width} = useContext(LayoutContext);
	const glyphs = useGlyphs();
	const choice = byId.get(label);
	const pointer = isSelected ? ` ${glyphs.pointer} ` : '   ';
	return (
		<Line
			width={width}
			selected={isSelected}
			spans={[pointer, ...(choice?.spans ?? [])]}
			end={[...(choice?.end ?? []), ' ']}
		/>
	);
}
