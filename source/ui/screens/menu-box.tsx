import {keyText} from '../chrome.ts';
import {ChoiceList} from '../components/choice-list.tsx';
import {Line} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import {type OpenMenu, menuActions} from '../state/menu.ts';
import type {ScreenSize} from '../state/update.ts';

interface MenuBoxProps {
	readonly open: OpenMenu;
	readonly size: ScreenSize;
	/** Why an action does nothing now. */
	readonly refusalOf: (actionId: string) => string | undefined;
}

const widest = 70;

/** What can be done now with what is under the cursor. */
export function MenuBox({open, size, refusalOf}: MenuBoxProps) {
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const actions = menuActions(open);
	return (
		<Panel title={open.menu.title} size={size} width={width} height={actions.length + 4}>
			<Line spans={[]} width={inner} />
			<ChoiceList
				cursor={open.view.cursor}
				width={inner}
				choices={actions.map(({id, label, keys, help}) => {
					const refusal = refusalOf(id);
					return {
						id,
						spans: [
							[refusal === undefined ? 'title' : 'muted', label.padEnd(10)],
							['muted', ` ${refusal ?? help}`],
						],
						end: [['key', keyText(keys[0] ?? '')]],
					};
				})}
			/>
			<Line spans={[]} width={inner} />
		</Panel>
	);
}
