import {basename} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type OpenPackageOptions, openPackage} from '../../source/package/open-package.ts';
import {
	type PackageSpec,
	executorFile,
	fullActions,
	fullContent,
	fullName,
	openFiles,
	packageBytes,
	packageFolders,
	without,
} from '../support/package-files.ts';
import {renamed, zipBytes} from '../support/zip-bytes.ts';

async function factsOf(spec: PackageSpec | Buffer, name = fullName, options: OpenPackageOptions = {}) {
	const folders = await packageFolders();
	const path = await folders.write(Buffer.isBuffer(spec) ? spec : await packageBytes(spec), name);
	const opened = await openPackage(path, {temporaryFolder: folders.temporary, ...options});
	await opened.close();
	expect(await folders.leftovers()).toEqual([]);
	return opened.facts;
}

const codes = (facts: {problems: readonly {code: string; severity: string}[]}) =>
	facts.problems.map(({code, severity}) => `${severity} ${code}`);

describe.each(['stored', 'deflated'] as const)('a full package with a %s Update.zip', updateZip => {
	test('says everything that is in it', async () => {
		const bytes = await packageBytes({updateZip});
		expect(await factsOf(bytes)).toEqual({
			file: fullName,
			size: bytes.length,
			kind: 'full',
			version: {major: 10, minor: 6, month: 4, week: 0, build: 16_868},
			label: 'release',
			description: 'DataMiner Upgrade (Full)',
			prerequisites: ['VerifyClusterPorts', 'VerifyOSVersion'],
			executor: true,
			actions: fullActions,
			restarts: 'agent',
			unpackedSize:
				'DataMiner Upgrade (Full)engine'.length +
				fullActions.join('\r\n').length +
				'portsosexecutor'.length +
				5000,
			problems: [],
		});
	});

	test('can be closed twice, and holds nothing afterwards', async () => {
		const folders = await packageFolders();
		const path = await folders.write(await packageBytes({updateZip}));
		const before = await openFiles();
		const opened = await openPackage(path, {temporaryFolder: folders.temporary});
		await opened.close();
		await opened.close();
		expect(await openFiles()).toBe(before);
		expect(await folders.leftovers()).toEqual([]);
	});
});

test('names are found whatever their case and slashes', async () => {
	const inner = await zipBytes({
		'UPDATECONTENT.TXT': 'KILL\nUpdate Root',
		'PREREQUISITES/verifyX.DLL': 'x',
		'prerequisites/EXECUTOR/standalonebpaexecutor.EXE': 'x',
	});
	const facts = await factsOf({
		inner: renamed(
			inner,
			'prerequisites/EXECUTOR/standalonebpaexecutor.EXE',
			'prerequisites\\EXECUTOR\\standalonebpaexecutor.EXE',
		),
	});
	expect(facts).toMatchObject({prerequisites: ['verifyX'], executor: true, actions: ['KILL', 'Update Root']});
});

test('only DLLs that stand in Prerequisites itself are tests', async () => {
	const {prerequisites} = await factsOf({
		inner: {
			...fullContent,
			'Prerequisites/readme.txt': 'x',
			'Prerequisites/executor/Library.dll': 'x',
			'Files/Prerequisites/Other.dll': 'x',
		},
	});
	expect(prerequisites).toEqual(['VerifyClusterPorts', 'VerifyOSVersion']);
});

describe('what a package restarts', () => {
	test('a web package: the web server', async () => {
		const facts = await factsOf(
			{inner: {'UpdateContent.txt': 'IIS Stop\nUpdate WebPages\nIIS Start'}, outer: {}},
			'DataMiner 10.6.4.0-16868 Web Upgrade.dmupgrade',
		);
		expect(facts).toMatchObject({kind: 'web', restarts: 'web-server', problems: []});
		expect(facts.description).toBeUndefined();
	});

	test('a tool: nothing', async () => {
		const facts = await factsOf(
			{inner: {'UpdateContent.txt': 'PS Verify.ps1'}, outer: {}},
			'VerifyClusterPorts.dmupgrade',
		);
		expect(facts).toMatchObject({kind: 'tool', restarts: 'nothing', problems: []});
		expect(facts.version).toBeUndefined();
	});

	test('one without UpdateContent.txt: unknown, and a full upgrade without is refused', async () => {
		const facts = await factsOf({inner: without(fullContent, 'UpdateContent.txt')});
		expect(facts.restarts).toBe('unknown');
		expect(codes(facts)).toContain('block UPDATE_CONTENT_MISSING');
	});
});

describe('problems', () => {
	const withoutExecutor = without(fullContent, executorFile);

	test('prerequisites without their executor block from 10.4 on, and warn before', async () => {
		const spec = {inner: withoutExecutor};
		expect(codes(await factsOf(spec))).toEqual(['block EXECUTOR_MISSING']);
		expect(codes(await factsOf(spec, 'DataMiner 10.3.12.0-13500 Full Upgrade.dmupgrade'))).toEqual([
			'warn EXECUTOR_MISSING',
		]);
	});

	test('a full package without prerequisites warns', async () => {
		const facts = await factsOf({inner: {'UpdateContent.txt': fullActions.join('\n')}});
		expect(codes(facts)).toEqual(['warn PREREQUISITES_MISSING']);
	});

	test('a name that contradicts the actions', async () => {
		const facts = await factsOf({outer: {}}, 'DataMiner 10.6.4.0-16868 Web Upgrade.dmupgrade');
		expect(codes(facts)).toEqual(['block NAME_AND_CONTENT_DISAGREE']);
	});

	test('undocumented actions are named, harmlessly', async () => {
		const facts = await factsOf({
			inner: {...fullContent, 'UpdateContent.txt': 'Kill\nUpdate Root\nDance\u001B[2J now'},
		});
		expect(codes(facts)).toEqual(['info UNKNOWN_ACTION']);
		expect(facts.problems[0]?.message).toContain('dance\\x1b[2j');
		expect(facts.actions[2]).toBe('Dance\\x1b[2J now');
	});

	test('a version that the name does not tell, a label, an odd extension', async () => {
		expect(codes(await factsOf({}, 'renamed.dmupgrade'))).toContain('warn VERSION_NOT_IN_NAME');
		expect(codes(await factsOf({}, 'DataMiner 10.6.4.0-16868 Full Upgrade (rc).dmupgrade'))).toEqual([
			'info NOT_A_RELEASE',
		]);
		expect(codes(await factsOf({}, 'DataMiner 10.6.4.0-16868 Full Upgrade.bin'))).toEqual([
			'warn FILE_EXTENSION',
		]);
	});

	test('names that escape block, wherever they stand; what blocks comes first', async () => {
		for (const [from, to] of [
			['AA/AA/evil.txt', '../../evil.txt'],
			['AA/AA/evil.txt', '..\\..\\evil.txt'],
			['XX/evil.txt', 'C:/evil.txt'],
			['XX/evil.txt', 'C:\\evil.txt'],
			['Xevil.txt', '/evil.txt'],
			['XXhost/share/evil', '\\\\host\\share\\evil'],
			['Files/AAA/evil', 'Files/.. /evil'],
			['Files/a.txtXstream', 'Files/a.txt:stream'],
		] as const) {
			const inner = renamed(await zipBytes({...fullContent, [from]: 'x'}), from, to);
			const facts = await factsOf({inner}, 'DataMiner 10.6.4.0-16868 Full Upgrade (rc).dmupgrade');
			expect([to, ...codes(facts)]).toEqual([to, 'block ENTRY_NAME_ESCAPES', 'info NOT_A_RELEASE']);
		}

		const outer = renamed(await packageBytes({outer: {'AA/evil.dll': 'x'}}), 'AA/evil.dll', '../evil.dll');
		expect(codes(await factsOf(outer))).toEqual(['block ENTRY_NAME_ESCAPES']);
	});

	test.each(['Files/nul.txt', 'Files/a?b', 'Files/dot.', 'Files//x', 'Files/\u0007bell'])(
		'%j cannot exist on Windows, which warns',
		async name => {
			const facts = await factsOf({inner: {...fullContent, [name]: 'x'}});
			expect(codes(facts)).toEqual(['warn ENTRY_NAME_INVALID']);
			expect(facts.problems[0]?.message).not.toMatch(/[\u0000-\u001F]/);
		},
	);

	test('two UpdateContent.txt block', async () => {
		const facts = await factsOf({inner: {...fullContent, 'UPDATECONTENT.txt': 'Lock'}});
		expect(codes(facts)).toContain('block UPDATE_CONTENT_TWICE');
	});

	test('an endless UpdateContent.txt is read to its limit and blocks', async () => {
		const facts = await factsOf(
			{inner: {...fullContent, 'UpdateContent.txt': 'Kill\nUpdate Root\n'.repeat(1000)}},
			fullName,
			{limits: {textBytes: 1000}},
		);
		expect(facts.actions.length).toBeLessThan(200);
		expect(codes(facts)).toEqual(['block UPDATE_CONTENT_TOO_LONG']);
	});
});

test('texts of Windows programs are read in their encodings', async () => {
	const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Kill\r\nUpdate Root\r\n', 'utf16le')]);
	const ansi = Buffer.from([0x4d, 0x65, 0xe9, 0x72]);
	const facts = await factsOf({
		inner: {...fullContent, 'UpdateContent.txt': utf16},
		outer: {'Description.txt': ansi},
	});
	expect(facts.actions).toEqual(['Kill', 'Update Root']);
	expect(facts.description).toBe('Meér');
});

describe('application packages', () => {
	test('are known by AppInfo.xml and need no Update.zip', async () => {
		const bytes = await zipBytes({
			'AppInfo.xml':
				'<AppInfo><Name>Id</Name><DisplayName>My App</DisplayName><Version>1.0.0</Version><Description>Does\n things</Description></AppInfo>',
			'Scripts/Install.xml': '<x/>',
		});
		expect(await factsOf(bytes, 'My App.dmapp')).toMatchObject({
			kind: 'application',
			description: 'My App 1.0.0: Does things',
			restarts: 'nothing',
			problems: [],
		});
	});

	test('with a broken or hostile AppInfo.xml have no description', async () => {
		const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><AppInfo><Name>&b;</Name></AppInfo>';
		for (const xml of ['', '<AppInfo', '<Other/>', '<AppInfo/>']) {
			expect((await factsOf(await zipBytes({'AppInfo.xml': xml}), 'x.dmapp')).description).toBeUndefined();
		}

		expect((await factsOf(await zipBytes({'AppInfo.xml': bomb}), 'x.dmapp')).description ?? '').not.toContain(
			'aaaa',
		);
	});

	test('in the container of an upgrade are carried out like one', async () => {
		const facts = await factsOf({}, 'Skyline SRM.dmapp');
		expect(facts).toMatchObject({kind: 'tool', restarts: 'agent'});
		expect(codes(facts)).toEqual(['info LEGACY_APPLICATION']);
	});
});

test.skipIf(process.platform === 'win32')(
	'what is unpacked for a moment has no name, so that a killed process leaves nothing either',
	async () => {
		const folders = await packageFolders();
		const path = await folders.write(await packageBytes({updateZip: 'deflated'}));
		const opened = await openPackage(path, {temporaryFolder: folders.temporary});
		expect(await folders.leftovers()).toEqual([]);
		await opened.extractPrerequisites(folders.into);
		expect(await folders.leftovers()).toContain('into/VerifyOSVersion.dll');
		await opened.close();
	},
);

test('an aborted opening rejects with the reason and leaves nothing', async () => {
	const folders = await packageFolders();
	const path = await folders.write(await packageBytes({updateZip: 'deflated'}));
	const reason = new Error('changed my mind');
	await expect(
		openPackage(path, {temporaryFolder: folders.temporary, signal: AbortSignal.abort(reason)}),
	).rejects.toBe(reason);
	expect(await folders.leftovers()).toEqual([]);
});

test('thousands of entries are listed without filling the stack', async () => {
	const many = Object.fromEntries(
		Array.from({length: 12_000}, (_, index) => [`Files/file-${index}.dll`, {content: '', stored: true}]),
	);
	const facts = await factsOf({inner: {...fullContent, ...many}});
	expect(facts.problems).toEqual([]);
	expect(basename(facts.file)).toBe(fullName);
});
