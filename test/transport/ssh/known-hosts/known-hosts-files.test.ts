import {existsSync} from 'node:fs';
import {appendFile, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {KnownHostsFileError, keyText} from '../../../../source/transport/ssh/known-hosts/host-key-errors.ts';
import {type HostKey, readHostKey} from '../../../../source/transport/ssh/known-hosts/host-key.ts';
import {judgeHostKey} from '../../../../source/transport/ssh/known-hosts/judge-host-key.ts';
import {
	addKnownHost,
	readKnownHosts,
} from '../../../../source/transport/ssh/known-hosts/known-hosts-files.ts';
import {asNobody} from '../../../support/as-nobody.ts';
import {runSshProgram, sshProgramsAreMissing} from '../../../support/ssh-programs.ts';
import {newKeyPair} from '../../../support/sshd.ts';

function aKey(): HostKey {
	return readHostKey(Buffer.from(newKeyPair().public.split(' ')[1]!, 'base64'))!;
}

let folder: string;
let file: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-known-hosts-'));
	file = join(folder, 'home', '.ssh', 'known_hosts');
});
afterEach(() => rm(folder, {recursive: true}));

const verdict = async (hostName: string, key: HostKey, port = 22) =>
	judgeHostKey((await readKnownHosts([file])).entries, {hostName, port}, key).kind;

describe('remembering a key', () => {
	test('makes file and folder for the user alone', async () => {
		const key = aKey();
		await addKnownHost(file, {name: 'agent1', key, hashed: false});
		expect(await readFile(file, 'utf8')).toBe(`agent1 ssh-ed25519 ${key.blob.toString('base64')}\n`);
		if (process.platform !== 'win32') {
			expect((await stat(file)).mode & 0o777).toBe(0o600);
			expect((await stat(join(folder, 'home', '.ssh'))).mode & 0o777).toBe(0o700);
		}

		expect(await verdict('agent1', key)).toBe('known');
	});

	test('leaves every byte before it as it was, also where the last line has no end', async () => {
		await mkdir(join(folder, 'home', '.ssh'), {recursive: true});
		await fc.assert(
			fc.asyncProperty(fc.string({unit: 'binary'}), fc.boolean(), async (before, hashed) => {
				await writeFile(file, before);
				const key = aKey();
				await addKnownHost(file, {name: 'agent1', key, hashed});
				const after = await readFile(file);
				expect(after.subarray(0, Buffer.byteLength(before)).toString()).toBe(Buffer.from(before).toString());
				expect(await verdict('agent1', key)).toBe('known');
			}),
			{numRuns: 30},
		);
	});

	test('hides the name where it should', async () => {
		const key = aKey();
		await addKnownHost(file, {name: '[agent1]:2222', key, hashed: true});
		expect(await readFile(file, 'utf8')).toMatch(/^\|1\|\S{28}\|\S{28} ssh-ed25519 /);
		expect(await verdict('agent1', key, 2222)).toBe('known');
		expect(await verdict('agent1', key)).toBe('unknown');
	});

	test('several at once lose no line', async () => {
		const keys = Array.from({length: 8}, () => aKey());
		await Promise.all(
			keys.map((key, index) => addKnownHost(file, {name: `agent${index}`, key, hashed: false})),
		);
		expect(await Promise.all(keys.map((key, index) => verdict(`agent${index}`, key)))).toEqual(
			keys.map(() => 'known'),
		);
	});

	test.skipIf(process.platform === 'win32')('says what stands in the way', async () => {
		await mkdir(join(folder, 'home', '.ssh'), {recursive: true});
		await writeFile(file, '');
		await chmod(file, 0o444);
		await chmod(folder, 0o755);
		await expect(
			asNobody(() => addKnownHost(file, {name: 'a', key: aKey(), hashed: false})),
		).rejects.toMatchObject({code: 'KNOWN_HOSTS_NOT_WRITABLE', file});
		await chmod(file, 0);
		await expect(asNobody(() => readKnownHosts([file]))).rejects.toMatchObject({
			code: 'KNOWN_HOSTS_UNREADABLE',
		});
	});

	test.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
		const error: unknown = await addKnownHost('/dev/full', {name: 'a', key: aKey(), hashed: false}).catch(
			(caught: unknown) => caught,
		);
		expect(error).toBeInstanceOf(KnownHostsFileError);
		expect(error).toMatchObject({code: 'KNOWN_HOSTS_DISK_FULL'});
		expect((error as KnownHostsFileError).message).toContain('/dev/full cannot take the host key');
	});
});

test('files that do not exist are empty, and the others are read in their order', async () => {
	const [one, two] = [join(folder, 'one'), join(folder, 'two')];
	const key = aKey();
	await addKnownHost(two, {name: 'b', key, hashed: false});
	await addKnownHost(one, {name: 'a', key, hashed: false});
	await appendFile(one, 'damaged\n');
	const {entries, badLines} = await readKnownHosts([one, join(folder, 'missing'), join(one, 'below'), two]);
	expect(entries.map(({names}) => names)).toEqual(['a', 'b']);
	expect(badLines).toEqual([{file: one, line: 2}]);
});

describe.skipIf(sshProgramsAreMissing())('known_hosts files agree with ssh-keygen', () => {
	const keygen = (...args: string[]) => runSshProgram('ssh-keygen', [...args, '-f', file]);

	/** The lines that ssh-keygen finds for a name, and whether they are marked. */
	function found(name: string): string[] {
		const {stdout} = keygen('-F', name);
		return [...stdout.matchAll(/^# Host .* found: line (\d+) ?(\S*)/gm)].map(
			([, line, mark]) => `${line}${mark}`,
		);
	}

	/** The same as we see it, of a host that shows no key of the file. */
	async function seen(name: string): Promise<string[]> {
		const {entries} = await readKnownHosts([file]);
		const marks = {known: '', revoked: 'REVOKED', 'cert-authority': 'CA'};
		const offered = aKey();
		const [, hostName = name, port = '22'] = /^\[(.*)\]:(\d+)$/.exec(name) ?? [];
		return entries
			.filter(entry => {
				const {kind} = judgeHostKey([{...entry, marker: 'known'}], {hostName, port: Number(port)}, offered);
				return kind === 'changed';
			})
			.map(({line, marker}) => `${line}${marks[marker]}`);
	}

	test('about which lines name a host', async () => {
		await mkdir(join(folder, 'home', '.ssh'), {recursive: true});
		const text = () => `ssh-ed25519 ${aKey().blob.toString('base64')}`;
		const names = [
			'a',
			'b,a',
			'*.corp',
			'!x.corp,*.corp',
			'[a]:2222',
			'[*]:2222',
			'?',
			'A',
			'10.0.0.1',
			'[fe80::1]:23',
		];
		await writeFile(
			file,
			[
				'# comment',
				...names.map(each => `${each} ${text()}`),
				`@revoked a ${text()}`,
				`@cert-authority *.corp ${text()} comment`,
				`@other a ${text()}`,
				'a ssh-ed25519',
				'',
			].join('\n'),
		);
		await addKnownHost(file, {name: 'a', key: aKey(), hashed: true});
		await addKnownHost(file, {name: '[a]:2222', key: aKey(), hashed: true});
		const asked = [
			'a',
			'b',
			'c',
			'x.corp',
			'y.corp',
			'[a]:2222',
			'[q]:2222',
			'10.0.0.1',
			'[fe80::1]:23',
			'none',
		];
		for (const name of asked) {
			expect({name, lines: await seen(name)}).toEqual({name, lines: found(name)});
		}
	});

	test('about names that ssh-keygen hashed', async () => {
		const key = aKey();
		for (const name of ['agent1', '[agent1]:2222', 'agent2']) {
			await addKnownHost(file, {name, key, hashed: false});
		}

		expect(keygen('-H').exitCode).toBe(0);
		expect(await readFile(file, 'utf8')).not.toContain('agent');
		expect(await verdict('agent1', key)).toBe('known');
		expect(await verdict('agent1', key, 2222)).toBe('known');
		expect(await verdict('agent3', key)).toBe('unknown');
	});

	test('about fingerprints, and ssh-keygen takes our line out again', async () => {
		const key = aKey();
		await addKnownHost(file, {name: '[agent1]:2222', key, hashed: true});
		const {stdout} = keygen('-l');
		expect(keyText(key)).toBe(`ssh-ed25519 ${stdout.split(' ')[1]}`);
		expect(keygen('-R', '[agent1]:2222').exitCode).toBe(0);
		expect(await readFile(file, 'utf8')).toBe('');
	});

	test.each(['rsa', 'ecdsa', 'ed25519'])('about a real %s key', async type => {
		const path = join(folder, type);
		runSshProgram('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path]);
		const [name = '', encoded = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
		const key = readHostKey(Buffer.from(encoded, 'base64'));
		expect(key?.type).toBe(name);
		const {stdout} = runSshProgram('ssh-keygen', ['-l', '-f', `${path}.pub`]);
		expect(keyText(key!)).toBe(`${name} ${stdout.split(' ')[1]}`);
	});
});
