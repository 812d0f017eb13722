import type {DashboardState} from '../../source/ui/state/dashboard.ts';
import type {ScreenSize} from '../../source/ui/state/update.ts';

/** Makes the situations of a screen size when they are first asked for; states do not change, so that all may share them. */
export function oncePerSize<Situations extends Readonly<Record<string, DashboardState>>>(
	make: (size: ScreenSize) => Situations,
): (size: ScreenSize) => Situations {
	const made = new Map<string, Situations>();
	return size => {
		const key = `${size.columns}x${size.rows}`;
		const situations = made.get(key) ?? make(size);
		made.set(key, situations);
		return situations;
	};
}
