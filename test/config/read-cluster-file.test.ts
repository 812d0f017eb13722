import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readClusterFile} from '../../source/config/read-cluster-file.ts';

const content = 'clusters: {A: {agents: [{name: a, address: h}]}}\n';
const expected = [{cluster: 'A', speed: 1, agents: [{name: 'a', address: 'h'}]}];

let folder: string;
let file: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	file = path.join(folder, 'clusters.yaml');
});

afterEach(async () => {
	await rm(folder, {recursive: true, force: true});
});

const read = () => readClusterFile(file, '/home/edith');

describe('reading a file of clusters', () => {
	test('one that is not there is no error yet', async () => {
		expect(await read()).toBeUndefined();
	});

	test('a byte order mark and the line ends of Windows change nothing', async () => {
		await writeFile(
			file,
			`\uFEFFclusters:\r\n  A:\r\n    agents:\r\n      - name: a\r\n        address: h\r\n`,
		);
		expect(await read()).toEqual(expected);
	});

	test('a private key in the home folder, beside the file and anywhere else', async () => {
		const agent = (name: string, key: string) => `{name: ${name}, address: ${name}, identityFile: '${key}'}`;
		await writeFile(
			file,
			`clusters: {A: {packages: ./packages, agents: [${agent('a', '~/.ssh/id')}, ${agent('b', 'keys/id')}, ${agent('c', path.resolve('/etc/id'))}]}}`,
		);
		const [cluster] = (await read()) ?? [];
		expect(cluster?.agents.map(({identityFile}) => identityFile)).toEqual([
			path.join('/home/edith', '.ssh', 'id'),
			path.join(folder, 'keys', 'id'),
			path.resolve('/etc/id'),
		]);
		expect(cluster?.packages).toBe(path.join(folder, 'packages'));
	});

	test.each<[string, string | Uint8Array, RegExp]>([
		[
			'another encoding',
			Buffer.from('clusters:\n  Zürich: {}\n', 'latin1'),
			/line 2, column 4: here it is not UTF-8/,
		],
		['UTF-16, as Windows PowerShell writes it', Buffer.from(`\uFEFF${content}`, 'utf16le'), /it is UTF-16/],
		['another file altogether', Buffer.alloc(513 * 1024, 0x20), /larger than 512 KiB/],
	])('%s is refused', async (_, bytes, message) => {
		await writeFile(file, bytes);
		await expect(read()).rejects.toThrow(message);
	});

	test('a folder is refused', async () => {
		await mkdir(file);
		await expect(read()).rejects.toMatchObject({
			code: 'CLUSTER_FILE',
			message: `${file} cannot be used: it is a folder.`,
			exitCode: 1,
		});
	});
});

describe.skipIf(process.platform === 'win32')('the rights of the file', () => {
	test.each([0o600, 0o644, 0o400, 0o755])('%o is accepted: there is nothing secret in it', async mode => {
		await writeFile(file, content);
		await chmod(file, mode);
		expect(await read()).toEqual(expected);
	});

	test.each([0o666, 0o664, 0o646, 0o622])(
		'%o is refused: others could send you to other servers',
		async mode => {
			await writeFile(file, content);
			await chmod(file, mode);
			await expect(read()).rejects.toMatchObject({
				message: expect.stringContaining('other users can write into it') as string,
				nextSteps: [`chmod go-w ${file}`],
			});
		},
	);

	test('those of what a link leads to count', async () => {
		const target = path.join(folder, 'elsewhere.yaml');
		await writeFile(target, content);
		await symlink(target, file);
		expect(await read()).toEqual(expected);
		await chmod(target, 0o666);
		await expect(read()).rejects.toThrow('other users can write into it');
	});
});
