import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
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
 * Tests what situations look like, in every size and variant, against files in `fixtures/frames`. They are made for
 * each size, since what a key does may depend on it.
 */
export function testFrames(
	group: string,
	situationsAt: (size: ScreenSize) => Readonly<Record<string, DashboardState>>,
): void {
	for (const size of sizes) {
		const {columns, rows} = size;
		for (const variant of variants) {
			describe(`${group} at ${columns}x${rows}, ${variant}`, () => {
				test.each(Object.entries(situationsAt(size)))('%s looks as it did', async (name, state) => {
					const mounted = await mount(<Dashboard state={state} title="dms-upgrade" />, {
						columns,
						rows,
						variant,
					});
					try {
						expect(flawsOf(mounted, {columns, rows, variant})).toEqual([]);
						await expect(golden(mounted, variant)).toMatchFileSnapshot(
							`${folder}/${group}-${name}.${columns}x${rows}.${variant}.txt`,
						);
					} finally {
						await mounted.unmount();
					}
				});
			});
		}
	}
}
