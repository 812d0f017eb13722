import {type DashboardState, type Message, initialDashboard} from '../../source/ui/state/dashboard.ts';
import type {Answer, DashboardData, Effect, ScreenSize} from '../../source/ui/state/update.ts';
import {updateDashboard} from '../../source/ui/state/update-dashboard.ts';
import type {LookWish, WishedLook} from '../../source/ui/ports.ts';
import {testTime} from './a-cluster.ts';
import {aLook} from './a-look-view.ts';

/** A dashboard that hears keys, answers and news without a terminal. */
export class Pressed {
	state: DashboardState;
	/** What the last message asked the outside to do. */
	effects: readonly Effect[] = [];
	/** Every look that was asked for. */
	readonly looks: Extract<Effect, {readonly do: 'look'}>[] = [];
	/** What a look finds; by default what the last statuses of the Agents say. */
	lookAt: (wish: LookWish, pressed: Pressed) => WishedLook | undefined = (wish, {state}) =>
		aLook(wish, state.data.cluster);

	constructor(data: Partial<DashboardData> = {}, size: ScreenSize = {columns: 80, rows: 24}) {
		this.state = initialDashboard(size, testTime, {packages: [], runs: [], ...data});
	}

	/** Keys by their names in the key table, one after the other. */
	press(...keys: readonly string[]): this {
		for (const key of keys) {
			this.tell({type: 'key', key});
		}

		return this;
	}

	typed(text: string): this {
		return this.press(...text.split('').map(character => (character === ' ' ? 'space' : character)));
	}

	answered(answer: Answer): this {
		return this.tell({type: 'answer', answer});
	}

	/** News from outside; `now` is then the time. */
	news(data: Partial<DashboardData>, now = this.state.now): this {
		return this.tell({type: 'data', data: {...this.state.data, ...data}, now});
	}

	tell(message: Message): this {
		const {state, effects} = updateDashboard(this.state, message);
		this.state = state;
		this.effects = effects.filter(({do: act}) => act !== 'look' && act !== 'stop-looking');
		for (const effect of effects) {
			if (effect.do === 'look') {
				this.looks.push(effect);
				const look = this.lookAt(effect.wish, this);
				this.state = {...this.state, data: {...this.state.data, ...(look && {look})}};
			}
		}

		return this;
	}
}
