import {bodyHeight} from './layout.ts';
import type {LogShape} from './log-view.ts';
import type {ScreenSize} from './update.ts';

/** What the run does, its phases and the tabs; `noted`: and what is special about how it stands. */
export function progressHeadRows(noted: boolean): number {
	return noted ? 4 : 3;
}

/** The names of the columns, of the grid or of a log. */
const columnNameRows = 1;

/** Below a log: its filter, and whether its end is followed. */
export const logFootRows = 1;

/** Columns that the longest of the usual types, `Information`, takes. */
export const typeColumns = 11;

/** From this width on a log shows the date too. */
export const wideLog = 110;

/** Lines below the grid that are kept for details before the grid gets more rows. */
const detailRows = 8;

/** How many Agents the grid shows at once. */
export function gridHeight(size: ScreenSize, agents: number, noted: boolean): number {
	const room = Math.max(1, bodyHeight(size) - progressHeadRows(noted) - columnNameRows);
	return Math.min(agents, Math.max(5, room - detailRows), room);
}

export function timeColumns(width: number): number {
	return width >= wideLog ? 19 : 8;
}

/** Where the message of a log line begins. */
export function messageColumn(width: number): number {
	return 1 + timeColumns(width) + 2 + typeColumns + 2;
}

export function logShape({columns, rows}: ScreenSize, wrapped: boolean, noted: boolean): LogShape {
	return {
		width: Math.max(1, columns - messageColumn(columns)),
		height: Math.max(1, bodyHeight({columns, rows}) - progressHeadRows(noted) - columnNameRows - logFootRows),
		wrapped,
	};
}
