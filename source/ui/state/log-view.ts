import type {LogEntry} from '../../domain/run-log.ts';
import {visibleText} from '../../domain/text.ts';
import {wrap} from '../components/fit.ts';
import {type Glyphs, unicodeGlyphs} from '../theme/glyphs.ts';
import type {ListMotion} from './list-view.ts';

/**
 * Where a reader stands in a log that grows. He follows its end until he scrolls up; then his place is a line of
 * the log and not a number of lines, so that nothing moves while new ones arrive.
 */
export interface LogView {
	/** The line at the top; undefined while the end is followed. */
	readonly anchor: LogPlace | undefined;
	/** Sequence number of the newest entry that he has seen; matters while the end is not followed. */
	readonly seen: number;
	/** What lines must contain, in any case of letters; empty: no filter. */
	readonly filter: string;
}

interface LogPlace {
	readonly sequence: number;
	/** Which line of the entry, where it is wrapped. */
	readonly line: number;
}

/** How a log is laid out. */
export interface LogShape {
	/** Columns for the message. */
	readonly width: number;
	readonly height: number;
	readonly wrapped: boolean;
	/** Matters for wrapping only. */
	readonly glyphs?: Glyphs;
}

export interface LogLine {
	readonly entry: LogEntry;
	/** 0 for the first line of an entry, which has its time and type. */
	readonly line: number;
	readonly text: string;
}

export interface LogWindow {
	readonly lines: readonly LogLine[];
	/** Entries that arrived below the window since it was left standing. */
	readonly newer: number;
	readonly following: boolean;
	/** Entries that the filter lets through. */
	readonly matching: number;
}

export const followingLog: LogView = {anchor: undefined, seen: 0, filter: ''};

/** The lines that are shown. Costs as many lines as the window has, however long the log is. */
export function logWindow(log: readonly LogEntry[], view: LogView, shape: LogShape): LogWindow {
	const entries = matchingEntries(log, view.filter);
	const lines = linesAt(entries, view.anchor, shape);
	const unseen = view.anchor === undefined ? 0 : entries.length - indexAfter(entries, view.seen);
	return {lines, newer: unseen, following: view.anchor === undefined, matching: entries.length};
}

/** Moves the window. Reaching the end means to follow it again. */
export function scrollLog(
	log: readonly LogEntry[],
	view: LogView,
	motion: ListMotion,
	shape: LogShape,
): LogView {
	const entries = matchingEntries(log, view.filter);
	const page = Math.max(1, shape.height - 1);
	switch (motion) {
		case 'up':
			return moveUp(entries, view, 1, shape);
		case 'down':
			return moveDown(entries, view, 1, shape);
		case 'page-up':
			return moveUp(entries, view, page, shape);
		case 'page-down':
			return moveDown(entries, view, page, shape);
		case 'first': {
			const first = entries[0];
			return first ? standAt(entries, view, {sequence: first.sequence, line: 0}, shape) : view;
		}

		case 'last':
			return {...view, anchor: undefined};
	}
}

/** Another filter; the reader stays where he is, or goes on following. */
export function filterLog(view: LogView, filter: string): LogView {
	return {...view, filter};
}

function moveUp(entries: readonly LogEntry[], view: LogView, lines: number, shape: LogShape): LogView {
	const top = linesAt(entries, view.anchor, shape)[0];
	if (!top) {
		return view;
	}

	const above =
		linesBackFrom(entries, {sequence: top.entry.sequence, line: top.line}, lines, shape)[0] ?? top;
	return standAt(entries, view, {sequence: above.entry.sequence, line: above.line}, shape);
}

function moveDown(entries: readonly LogEntry[], view: LogView, lines: number, shape: LogShape): LogView {
	const shown = linesAt(entries, view.anchor, shape);
	const top = shown[0];
	if (view.anchor === undefined || !top) {
		return view;
	}

	const ahead = linesFrom(entries, {sequence: top.entry.sequence, line: top.line}, lines + 1, shape);
	const target = ahead.at(-1) ?? top;
	return standAt(entries, view, {sequence: target.entry.sequence, line: target.line}, shape);
}

/** Stands at a place, or follows when the end is in the window from there. */
function standAt(
	entries: readonly LogEntry[],
	view: LogView,
	anchor: {readonly sequence: number; readonly line: number},
	shape: LogShape,
): LogView {
	const shown = linesFrom(entries, anchor, shape.height + 1, shape);
	if (shown.length <= shape.height) {
		return {...view, anchor: undefined};
	}

	// While the end was followed, everything that there is has been seen.
	const before = view.anchor === undefined ? (entries.at(-1)?.sequence ?? 0) : view.seen;
	const last = shown[shape.height - 1]?.entry.sequence ?? 0;
	return {...view, anchor, seen: Math.max(before, last)};
}

function linesAt(
	entries: readonly LogEntry[],
	anchor: LogPlace | undefined,
	shape: LogShape,
): readonly LogLine[] {
	const end = {sequence: Number.POSITIVE_INFINITY, line: 0};
	if (anchor === undefined) {
		return linesBackFrom(entries, end, shape.height, shape);
	}

	const lines = linesFrom(entries, anchor, shape.height, shape);
	return lines.length < shape.height ? linesBackFrom(entries, end, shape.height, shape) : lines;
}

/** Up to `count` lines from a place on. */
function linesFrom(entries: readonly LogEntry[], from: LogPlace, count: number, shape: LogShape): LogLine[] {
	const lines: LogLine[] = [];
	for (let index = indexOf(entries, from.sequence); index < entries.length && lines.length < count; index++) {
		const entry = entries[index];
		if (entry) {
			const parts = linesOf(entry, shape);
			const first = entry.sequence === from.sequence ? Math.min(from.line, parts.length - 1) : 0;
			lines.push(...parts.slice(first));
		}
	}

	return lines.slice(0, count);
}

/** Up to `count` lines before a place, in the order of reading. */
function linesBackFrom(
	entries: readonly LogEntry[],
	to: LogPlace,
	count: number,
	shape: LogShape,
): LogLine[] {
	let lines: LogLine[] = [];
	for (let index = indexAfter(entries, to.sequence) - 1; index >= 0 && lines.length < count; index--) {
		const entry = entries[index];
		if (entry) {
			const parts = linesOf(entry, shape);
			lines = [...(entry.sequence === to.sequence ? parts.slice(0, to.line) : parts), ...lines];
		}
	}

	return lines.slice(Math.max(0, lines.length - count));
}

function linesOf(entry: LogEntry, {width, wrapped, glyphs = unicodeGlyphs}: LogShape): readonly LogLine[] {
	const text = visibleText(entry.message);
	const parts = wrapped ? wrap(text, Math.max(1, width), glyphs) : [text];
	return parts.map((part, line) => ({entry, line, text: part}));
}

/** Index of the first entry that has this sequence number or a later one. */
function indexOf(entries: readonly LogEntry[], sequence: number): number {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((entries[middle]?.sequence ?? 0) < sequence) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	return low;
}

/** Index of the first entry that has a later sequence number. */
function indexAfter(entries: readonly LogEntry[], sequence: number): number {
	return indexOf(entries, sequence + 1);
}

/** The entries that a filter lets through. */
export function matchingEntries(log: readonly LogEntry[], filter: string): readonly LogEntry[] {
	if (filter === '') {
		return log;
	}

	const wanted = filter.toLowerCase();
	return log.filter(
		({type, message}) => message.toLowerCase().includes(wanted) || type.toLowerCase().includes(wanted),
	);
}
