import type {ScreenSize} from './update.ts';

/** Below this the dashboard shows a notice instead of itself. */
export const smallestSize: ScreenSize = {columns: 80, rows: 24};

/** The top line, the tabs and the bottom line. */
export const frameRows = 3;

/** Rows that a screen has. */
export function bodyHeight(size: ScreenSize): number {
	return Math.max(0, size.rows - frameRows);
}

export function isTooSmall({columns, rows}: ScreenSize): boolean {
	return columns < smallestSize.columns || rows < smallestSize.rows;
}

/** Rows that a list over the screen has: the body without a frame, a line to type in and some to explain. */
export function overlayListHeight(size: ScreenSize): number {
	return Math.max(1, bodyHeight(size) - 8);
}
