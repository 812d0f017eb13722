import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {Dashboard} from '../../source/ui/screens/dashboard.tsx';
import type {DashboardState} from '../../source/ui/state/dashboard.ts';
import type {ScreenSize} from '../../source/ui/state/update.ts';
import {type Variant, flawsOf, golden, mount} from './mount.tsx';

const folder = fileURLToPath(new URL('../../fixtures/frames', import.meta.url));

const sizes: readonly ScreenSize[] = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
];
const variants: readonly Variant[] = ['color', 'no-color', 'ascii'];

/**
 * Tests what a situation looks like, in every size and variant, against files in `fixtures/frames`. The state is
 * made for each size, since what a key does may depend on it.
 */
export function testFrames(name: string, stateAt: (size: ScreenSize) => DashboardState): void {
	for (const size of sizes) {
		for (const variant of variants) {
			const {columns, rows} = size;
			test(`${name} at ${columns}x${rows}, ${variant}`, async () => {
				const mounted = await mount(<Dashboard state={stateAt(size)} title="dms-upgrade" />, {
					columns,
					rows,
					variant,
				});
				try {
					expect(flawsOf(mounted, {columns, rows, variant})).toEqual([]);
					await expect(golden(mounted, variant)).toMatchFileSnapshot(
						`${folder}/${name}.${columns}x${rows}.${variant}.txt`,
					);
				} finally {
					await mounted.unmount();
				}
			});
		}
	}
}

/** Tests what each of some situations looks like. */
export function testAllFrames(
	group: string,
	situationsAt: (size: ScreenSize) => Readonly<Record<string, DashboardState>>,
): void {
	for (const name of Object.keys(situationsAt({columns: 80, rows: 24}))) {
		testFrames(`${group}-${name}`, size => {
			const state = situationsAt(size)[name];
			if (!state) {
				throw new Error(`There is no situation ${name} at ${size.columns}x${size.rows}.`);
			}

			return state;
		});
	}
}
