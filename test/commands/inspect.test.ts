import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {inspectCommand} from '../../source/commands/inspect.ts';
import {formatBytes} from '../../source/domain/readiness.ts';
import {
	executorFile,
	fullActions,
	fullContent,
	fullName,
	openFiles,
	packageBytes,
	packageFolders,
	without,
} from '../support/package-files.ts';

async function inspect(bytes: Buffer, {json = false, verify = false, name = fullName} = {}) {
	const folders = await packageFolders();
	const path = await folders.write(bytes, name);
	const before = await openFiles();
	let output = '';
	const exitCode = await inspectCommand(path, {json, verify, write: text => void (output += text)});
	expect(await openFiles()).toBe(before);
	return {exitCode, output};
}

const withoutExecutor = without(fullContent, executorFile);

describe('--json', () => {
	test('prints one object with everything that scripts ask for', async () => {
		const bytes = await packageBytes();
		const {exitCode, output} = await inspect(bytes, {json: true});
		expect(exitCode).toBe(0);
		expect(JSON.parse(output)).toEqual({
			file: fullName,
			size: bytes.length,
			unpackedSize: expect.any(Number) as number,
			kind: 'full',
			version: '10.6.4.0',
			build: 16_868,
			cu: null,
			label: 'release',
			description: 'DataMiner Upgrade (Full)',
			prerequisites: ['VerifyClusterPorts', 'VerifyOSVersion'],
			executor: true,
			actions: fullActions,
			restarts: 'agent',
			verified: null,
			problems: [],
		});
	});

	test('has every key where nothing is known', async () => {
		const {output} = await inspect(await packageBytes({inner: {}, outer: {}}), {
			json: true,
			name: 'Tool.dmupgrade',
		});
		expect(JSON.parse(output)).toMatchObject({
			kind: 'unknown',
			version: null,
			build: null,
			cu: null,
			description: null,
			restarts: 'unknown',
			prerequisites: [],
			executor: false,
			actions: [],
		});
	});

	test('tells the cumulative update that a name has', async () => {
		const {output} = await inspect(await packageBytes(), {
			json: true,
			name: 'DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal).dmupgrade',
		});
		expect(JSON.parse(output)).toMatchObject({version: '10.6.3.0', cu: 0, build: 16_815, label: 'internal'});
	});
});

describe('the report', () => {
	test('names every fact, in 80 columns', async () => {
		const bytes = await packageBytes();
		const {exitCode, output} = await inspect(bytes);
		expect(exitCode).toBe(0);
		expect(output).toBe(`${fullName}

Kind            full upgrade
Version         10.6.4.0, build 16868, by its name
Label           release
Description     DataMiner Upgrade (Full)
Size            ${formatBytes(bytes.length)}, unpacked 5.00 KiB
Restarts        the Agent: DataMiner stops and starts again
Prerequisites   2, with the program that runs them
                VerifyClusterPorts, VerifyOSVersion
Actions         8, in this order
                Lock, Disable, Kill, IIS Stop, Update Files, Update Root,
                IIS Start, Start
Problems        none
`);
	});

	test('breaks long texts between words, and never inside an action', async () => {
		const actions = Array.from({length: 40}, (_, index) => `Execute 60 Program${index}.exe`);
		const {output} = await inspect(
			await packageBytes({
				inner: {...fullContent, 'UpdateContent.txt': ['Kill', ...actions].join('\n')},
				outer: {'Description.txt': 'word '.repeat(100)},
			}),
		);
		const lines = output.split('\n');
		expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
		expect(lines.filter(line => /Execute 60$|^ +Program/.test(line))).toEqual([]);
	});

	test('lists problems with their severity as a word', async () => {
		const {output} = await inspect(await packageBytes({inner: withoutExecutor}));
		expect(output).toMatch(/Problems {8}1\n\n {2}block {2}EXECUTOR_MISSING\n {9}It brings prerequisites/);
		expect(output).toContain('without the program that runs them');
	});

	test('lets no control character through', async () => {
		const {output} = await inspect(
			await packageBytes({
				inner: {'UpdateContent.txt': 'Kill \u001B]0;x\u0007', 'Prerequisites/a\u001B[31m.dll': 'x'},
				outer: {'Description.txt': 'red \u001B[31m\u009Bm'},
			}),
		);
		expect(output.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
	});
});

describe('--verify', () => {
	const damagedBytes = async () => {
		const bytes = await packageBytes({outer: {'SLUpgrade.dll': {content: 'the engine', stored: true}}});
		bytes.write('X', bytes.indexOf('the engine'));
		return bytes;
	};

	test('says that every byte is right, in 80 columns', async () => {
		const bytes = await packageBytes();
		const {exitCode, output} = await inspect(bytes, {verify: true});
		const sum = createHash('sha256').update(bytes).digest('hex');
		expect(exitCode).toBe(0);
		expect(output).toContain(`
Restarts        the Agent: DataMiner stops and starts again`);
		expect(output).toContain(`
Verified        all 8 entries, 5.00 KiB: every checksum is right
                SHA-256 of the file:
                ${sum}
Problems        none
`);
	});

	test('names what is damaged, and gives exit code 2', async () => {
		const {exitCode, output} = await inspect(await damagedBytes(), {verify: true});
		expect(exitCode).toBe(2);
		expect(output).toContain('Verified        no: 6 of 7 entries are as they should be; see the problems');
		expect(output).toContain('block  ENTRY_DAMAGED');
		expect(output).toContain('"SLUpgrade.dll" is damaged');
	});

	test('with --json has the numbers, and what it found among the problems', async () => {
		const bytes = await packageBytes();
		const sound = await inspect(bytes, {verify: true, json: true});
		expect(JSON.parse(sound.output)).toMatchObject({
			verified: {
				sha256: createHash('sha256').update(bytes).digest('hex'),
				entries: 8,
				bytes: expect.any(Number) as number,
			},
			problems: [],
		});
		const damaged = await inspect(await damagedBytes(), {verify: true, json: true});
		expect(damaged.exitCode).toBe(2);
		expect(JSON.parse(damaged.output)).toMatchObject({
			verified: {entries: 6},
			problems: [{code: 'ENTRY_DAMAGED', severity: 'block'}],
		});
	});

	test('tells its progress in percent and ends with nothing, also when it fails', async () => {
		const folders = await packageFolders();
		const lines: string[] = [];
		const options = {
			json: true,
			verify: true,
			write: () => undefined,
			progress: (text: string) => lines.push(text),
		};
		const path = await folders.write(await packageBytes());
		await inspectCommand(path, options);
		expect(lines.at(-2)).toMatch(/^Reading every byte: 100 % of \d/);
		expect(lines.at(-1)).toBe('');
		expect(lines.length).toBeLessThanOrEqual(102);
	});
});

test('a problem that blocks gives exit code 2, one that warns does not', async () => {
	const bytes = await packageBytes({inner: withoutExecutor});
	expect((await inspect(bytes)).exitCode).toBe(2);
	expect((await inspect(bytes, {json: true})).exitCode).toBe(2);
	expect((await inspect(bytes, {name: 'Free.dmupgrade'})).exitCode).toBe(0);
});

test('what cannot be opened rejects with exit code 1 and prints nothing', async () => {
	const folders = await packageFolders();
	let output = '';
	await expect(
		inspectCommand(await folders.write(Buffer.from('no zip')), {
			json: true,
			write: text => void (output += text),
		}),
	).rejects.toMatchObject({code: 'PACKAGE_NOT_A_ZIP', exitCode: 1});
	expect(output).toBe('');
});
