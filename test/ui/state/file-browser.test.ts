import {describe, expect, test} from 'vitest';
import type {FolderListing} from '../../../source/ui/ports.ts';
import {
	failFolder,
	fileRows,
	leaveFolder,
	moveInFiles,
	openBrowser,
	openFile,
	showFolder,
} from '../../../source/ui/state/file-browser.ts';

const top: FolderListing = {
	path: '/packages',
	parent: '/',
	entries: [
		{name: 'new', path: '/packages/new', folder: true},
		{name: 'old', path: '/packages/old', folder: true},
		{name: 'a.dmupgrade', path: '/packages/a.dmupgrade', folder: false, size: 12},
	],
};
const old: FolderListing = {path: '/packages/old', parent: '/packages', entries: []};
const height = 10;

const opened = () => showFolder(openBrowser().browser, top, height);

describe('the file browser', () => {
	test('asks for the place where it begins, or for the folder it is given', () => {
		expect(openBrowser().effects).toEqual([{do: 'list-folder'}]);
		expect(openBrowser('/x').effects).toEqual([{do: 'list-folder', folder: '/x'}]);
	});

	test('shows the way up, folders and packages, with the cursor below the way up', () => {
		expect(fileRows(opened()).map(({kind}) => kind)).toEqual(['parent', 'folder', 'folder', 'package']);
		expect(opened().view.cursor).toBe(1);
	});

	test('enters a folder and, on the way back, stands on it', () => {
		const entering = openFile(moveInFiles(opened(), 'down', height));
		expect(entering.effects).toEqual([{do: 'list-folder', folder: '/packages/old'}]);
		const leaving = leaveFolder(showFolder(entering.browser, old, height));
		expect(leaving.effects).toEqual([{do: 'list-folder', folder: '/packages'}]);
		const back = showFolder(leaving.browser, top, height);
		expect(fileRows(back)[back.view.cursor]?.name).toBe('old');
	});

	test('picks a package', () => {
		expect(openFile(moveInFiles(opened(), 'last', height)).picked).toBe('/packages/a.dmupgrade');
	});

	test('stays where it was when a folder cannot be read, and says why', () => {
		const failure = {code: 'X', message: 'Permission denied.', nextSteps: []};
		const failed = failFolder(leaveFolder(opened()).browser, failure);
		expect(failed).toMatchObject({failure, listing: top, reading: undefined});
		expect(showFolder(leaveFolder(failed).browser, {path: '/', entries: []}, height).failure).toBeUndefined();
	});

	test('passes over an answer about another folder than the one that it waits for', () => {
		const waiting = leaveFolder(opened()).browser;
		expect(showFolder(waiting, old, height)).toBe(waiting);
		expect(showFolder(opened(), old, height).listing).toBe(top);
	});

	test('has no way up from the top', () => {
		const root = showFolder(openBrowser().browser, {path: '/', entries: []}, height);
		expect(fileRows(root)).toEqual([]);
		expect(leaveFolder(root).effects).toBeUndefined();
		expect(openFile(root).effects).toBeUndefined();
	});
});
