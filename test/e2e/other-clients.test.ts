import {execFile} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {aPracticeFolder} from '../support/a-served-practice.ts';
import {aServeProcess, aToken} from '../support/a-serve-process.ts';
import {eventually} from '../support/eventually.ts';
import {root} from '../support/terminal.ts';

const run = promisify(execFile);

/** The commands that the README tells to whoever has another client. */
async function commands(language: 'sh' | 'js'): Promise<string> {
	const readme = await readFile(join(root, 'README.md'), 'utf8');
	const section = readme.split('### Upload with other programs\n')[1]?.split('\n### ')[0] ?? '';
	return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(section)?.[1] ?? '';
}

let practice: string;
let content: Buffer;
let environment: Record<string, string>;
let url: string;
let token: string;
beforeEach(async () => {
	practice = await aPracticeFolder();
	const service = await aServeProcess(practice);
	url = service.url;
	token = await aToken(practice, 'upload');
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-other-'));
	onTestFinished(() => rm(folder, {recursive: true}));
	content = randomBytes(3 * 1024 * 1024);
	const file = join(folder, 'an upgrade.dmupgrade');
	await writeFile(file, content);
	environment = {
		PATH: process.env['PATH'] ?? '',
		AGENT: url,
		TOKEN: token,
		PACKAGE: file,
		CERTIFICATE: join(practice, 'service', 'service-certificate.pem'),
	};
});

const uploads = () => join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming', 'uploads');

describe('the commands of the README for other clients', () => {
	test('bring a package there with curl alone, also after the line broke', async () => {
		const [begin = '', rest = ''] = (await commands('sh')).split(/(?=^# Send it)/m);
		const [send = '', stage = ''] = rest.split(/(?=^# Have it)/m);
		expect([begin, send, stage].every(part => part.includes('"${upload[@]}"'))).toBe(true);
		// The first time, only a part arrives.
		const part = 'tail() { command tail "$@" | head -c 1000000; }';
		const {stdout} = await run(
			'bash',
			[
				'-euo',
				'pipefail',
				'-c',
				[
					begin,
					`${part}; set +o pipefail`,
					send,
					'unset -f tail; echo "$offset"',
					send,
					'echo "$offset"',
					stage,
				].join('\n'),
			],
			{env: environment},
		);
		const [first, second, answer = ''] = stdout.split('\n').filter(Boolean);
		expect([first, second]).toEqual(['0', '1000000']);
		const {id} = JSON.parse(answer) as {id: string};
		await eventually(async () => (await readdir(uploads())).length === 0);
		const {stdout: operation} = await run(
			'curl',
			[
				'-sS',
				'--cacert',
				environment['CERTIFICATE']!,
				'-H',
				`Authorization: Bearer ${token}`,
				`${url}/v1/operations/${id}`,
			],
			{env: environment},
		);
		const {result} = JSON.parse(operation) as {result: {path: string}};
		const staged = join(practice, 'C', ...result.path.split('\\').slice(1));
		expect((await readFile(staged)).equals(content)).toBe(true);
	});

	test('bring a package there with a tus client', async () => {
		const script = join(root, 'node_modules', `.cache/other-client-${process.pid}.mjs`);
		await mkdir(dirname(script), {recursive: true});
		await writeFile(script, await commands('js'));
		onTestFinished(() => rm(script));
		const {stdout} = await run(process.execPath, [script], {
			env: {...environment, NODE_EXTRA_CA_CERTS: environment['CERTIFICATE']!},
		});
		expect(stdout).toBe('uploaded\n');
		const sha256 = createHash('sha256').update(content).digest('hex');
		const name = (await readdir(uploads())).find(each => each.startsWith(sha256) && !each.endsWith('.json'));
		expect((await readFile(join(uploads(), name ?? ''))).equals(content)).toBe(true);
	});
});
