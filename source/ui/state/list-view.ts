/** Which row of a list is under the cursor and which is the first that is shown. The cursor is always shown. */
export interface ListView {
	readonly cursor: number;
	readonly top: number;
}

export interface ListExtent {
	/** Rows that there are. */
	readonly count: number;
	/** Rows that are shown at once. */
	readonly height: number;
}

export const listMotions = ['up', 'down', 'page-up', 'page-down', 'first', 'last'] as const;

export type ListMotion = (typeof listMotions)[number];

export const startOfList: ListView = {cursor: 0, top: 0};

export function moveList(view: ListView, motion: ListMotion, extent: ListExtent): ListView {
	const page = Math.max(1, extent.height - 1);
	switch (motion) {
		case 'up':
			return placeCursor(view, view.cursor - 1, extent);
		case 'down':
			return placeCursor(view, view.cursor + 1, extent);
		case 'page-up':
			return placeCursor(view, view.cursor - page, extent);
		case 'page-down':
			return placeCursor(view, view.cursor + page, extent);
		case 'first':
			return placeCursor(view, 0, extent);
		case 'last':
			return placeCursor(view, extent.count - 1, extent);
	}
}

/** Puts the cursor on a row, or the nearest that there is, and moves the window no more than it must. */
export function placeCursor(view: ListView, row: number, {count, height}: ListExtent): ListView {
	const shown = Math.max(1, height);
	const cursor = Math.max(0, Math.min(row, count - 1));
	const lowest = Math.max(0, Math.min(cursor, count - shown));
	const top = Math.min(Math.max(view.top, cursor - shown + 1), lowest);
	return cursor === view.cursor && top === view.top ? view : {cursor, top: Math.max(0, top)};
}

/** The view after the list or the screen changed its size. */
export function settleList(view: ListView, extent: ListExtent): ListView {
	return placeCursor(view, view.cursor, extent);
}

/** The rows that are shown, with their places in the whole list. */
export function visibleRows<T>(
	rows: readonly T[],
	view: ListView,
	height: number,
): readonly (readonly [T, number])[] {
	const {top} = settleList(view, {count: rows.length, height});
	return rows.slice(top, top + Math.max(0, height)).map((row, index) => [row, top + index] as const);
}

/** The motion that an action's id ends with (`manage.page-down`); undefined for other actions. */
export function listMotionOf(actionId: string): ListMotion | undefined {
	const name = actionId.slice(actionId.lastIndexOf('.') + 1);
	return listMotions.find(motion => motion === name);
}
