import type {FolderEntry, FolderListing} from '../ports.ts';
import type {Failure} from '../../domain/user-error.ts';
import {
	type ListExtent,
	type ListMotion,
	type ListView,
	moveList,
	placeCursor,
	startOfList,
} from './list-view.ts';
import type {Effect} from './update.ts';

/** A walk through folders to a package. */
export interface FileBrowser {
	/** What is shown; undefined before the first folder was read. */
	readonly listing: FolderListing | undefined;
	readonly view: ListView;
	/** The folder that is being read; an empty text stands for the one where the browser begins. */
	readonly reading: string | undefined;
	/** Why the folder that was asked for last could not be read; what is shown is then the one before. */
	readonly failure: Failure | undefined;
	/** The folder that was left upwards, on which the cursor is put. */
	readonly from: string | undefined;
}

/** A line of the browser: the way up, a folder or a package. */
export interface FileRow {
	readonly kind: 'parent' | 'folder' | 'package';
	readonly name: string;
	readonly path: string;
	/** Bytes. */
	readonly size?: number;
}

/** What a choice leads to. */
export interface FileStep {
	readonly browser: FileBrowser;
	readonly effects?: readonly Effect[];
	/** The package that was chosen. */
	readonly picked?: string;
}

/** Opens the browser at a folder, or where the outside says that it begins. */
export function openBrowser(folder?: string): FileStep {
	const browser: FileBrowser = {
		listing: undefined,
		view: startOfList,
		reading: folder ?? '',
		failure: undefined,
		from: undefined,
	};
	return {browser, effects: [{do: 'list-folder', ...(folder !== undefined && {folder})}]};
}

export function fileRows({listing}: FileBrowser): readonly FileRow[] {
	if (!listing) {
		return [];
	}

	const {parent, entries} = listing;
	const up: FileRow[] = parent === undefined ? [] : [{kind: 'parent', name: '..', path: parent}];
	return [...up, ...entries.map(rowOf)];
}

function rowOf({name, path, folder, size}: FolderEntry): FileRow {
	return {kind: folder ? 'folder' : 'package', name, path, ...(size !== undefined && {size})};
}

export function moveInFiles(browser: FileBrowser, motion: ListMotion, height: number): FileBrowser {
	return {...browser, view: moveList(browser.view, motion, extentOf(browser, height))};
}

/** Enters the folder under the cursor, or picks the package. */
export function openFile(browser: FileBrowser): FileStep {
	const row = fileRows(browser)[browser.view.cursor];
	if (!row) {
		return {browser};
	}

	return row.kind === 'package' ? {browser, picked: row.path} : enterFolder(browser, row.path);
}

export function leaveFolder(browser: FileBrowser): FileStep {
	const parent = browser.listing?.parent;
	return parent === undefined ? {browser} : enterFolder(browser, parent);
}

function enterFolder(browser: FileBrowser, folder: string): FileStep {
	const from = folder === browser.listing?.parent ? browser.listing.path : undefined;
	return {
		browser: {...browser, reading: folder, failure: undefined, from},
		effects: [{do: 'list-folder', folder}],
	};
}

/** Shows a folder that was read. An answer that nobody waits for any more is passed over. */
export function showFolder(browser: FileBrowser, listing: FolderListing, height: number): FileBrowser {
	if (browser.reading === undefined || (browser.reading !== '' && browser.reading !== listing.path)) {
		return browser;
	}

	const read: FileBrowser = {...browser, listing, reading: undefined, failure: undefined, view: startOfList};
	const rows = fileRows(read);
	const cameFrom = rows.findIndex(row => row.path === browser.from);
	const first = rows.findIndex(row => row.kind !== 'parent');
	const cursor = cameFrom === -1 ? Math.max(0, first) : cameFrom;
	return {...read, from: undefined, view: placeCursor(startOfList, cursor, extentOf(read, height))};
}

/** Says why a folder could not be read; what was shown stays. */
export function failFolder(browser: FileBrowser, failure: Failure): FileBrowser {
	return browser.reading === undefined ? browser : {...browser, reading: undefined, from: undefined, failure};
}

function extentOf(browser: FileBrowser, height: number): ListExtent {
	return {count: fileRows(browser).length, height};
}
