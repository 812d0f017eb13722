import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path, {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UserError} from '../../../../source/domain/user-error.ts';
import type {HostTarget} from '../../../../source/transport/ssh/client-config/host-settings.ts';
import {resolveHost} from '../../../../source/transport/ssh/client-config/resolve-host.ts';
import {resolveRoute} from '../../../../source/transport/ssh/client-config/resolve-route.ts';
import {
	type Surroundings,
	thisComputer,
} from '../../../../source/transport/ssh/client-config/surroundings.ts';

const ownConfig = '/home/ann/.ssh/config';
const systemConfig = '/etc/ssh/ssh_config';

/** A computer on which Ann works, with files by their paths. */
function aComputer(
	files: Readonly<Record<string, string>>,
	differences: Partial<Surroundings> & {owner?: number; mode?: number} = {},
): Surroundings {
	const {owner = 1000, mode = 0o600, ...others} = differences;
	const paths = others.platform === 'win32' ? path.win32 : path.posix;
	return {
		platform: 'linux',
		home: '/home/ann',
		localUser: 'ann',
		userId: 1000,
		computer: 'desk.corp',
		environment: {},
		readFile: file => {
			const text = files[file];
			return Promise.resolve(text === undefined ? undefined : {text, ownerId: owner, mode});
		},
		listFolder: folder =>
			Promise.resolve(
				Object.keys(files)
					.filter(file => paths.dirname(file) === folder)
					.map(file => paths.basename(file)),
			),
		...others,
	};
}

const withConfig = (config: string, differences?: Parameters<typeof aComputer>[1]) =>
	aComputer({[ownConfig]: config}, differences);

async function errorOf(config: string, target: HostTarget = {host: 'agent1'}): Promise<UserError> {
	const error: unknown = await resolveHost(target, withConfig(config)).catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(UserError);
	return error as UserError;
}

const noticesOf = async (config: string) =>
	(await resolveHost({host: 'agent1'}, withConfig(config))).notices.map(
		({line, keyword}) => `${line} ${keyword}`,
	);

describe('where settings come from', () => {
	test('without any file there are the defaults of ssh', async () => {
		expect(await resolveHost({host: 'Agent1'}, aComputer({}))).toEqual({
			host: 'Agent1',
			hostName: 'agent1',
			port: 22,
			user: 'ann',
			addressFamily: 'any',
			jumpHosts: [],
			connectTimeoutSeconds: undefined,
			serverAliveIntervalSeconds: 0,
			serverAliveCountMax: 3,
			identityFiles: ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'].map(name => ({
				path: `/home/ann/.ssh/${name}`,
				written: `~/.ssh/${name}`,
				byDefault: true,
			})),
			identitiesOnly: false,
			agentSocket: undefined,
			login: {publicKey: true, password: true, keyboardInteractive: true, preferred: undefined},
			batchMode: false,
			userKnownHostsFiles: ['/home/ann/.ssh/known_hosts', '/home/ann/.ssh/known_hosts2'],
			globalKnownHostsFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
			hostKeyAlias: undefined,
			strictHostKeyChecking: 'ask',
			hashKnownHosts: false,
			notices: [],
		});
	});

	test('the own file goes before the one of the computer, and both before nothing', async () => {
		const computer = aComputer({
			[ownConfig]: 'Port 2201',
			[systemConfig]: 'Port 2202\nUser system\nInclude ssh_config.d/*.conf',
			'/etc/ssh/ssh_config.d/50.conf': 'HashKnownHosts yes\nUser late',
		});
		const settings = await resolveHost({host: 'agent1'}, aComputer({}, {...computer}));
		expect(settings).toMatchObject({port: 2201, user: 'system', hashKnownHosts: true});
	});

	test('a file that is named stands for both; none reads no file', async () => {
		const files = {[ownConfig]: 'Port 2201', [systemConfig]: 'User system', '/my': 'User mine'};
		const port = async (configFile: string) => {
			const {port, user} = await resolveHost({host: 'a'}, aComputer(files, {configFile}));
			return [port, user];
		};
		expect(await port('/my')).toEqual([22, 'mine']);
		expect(await port('none')).toEqual([22, 'ann']);
		await expect(port('/missing')).rejects.toMatchObject({code: 'SSH_CONFIG_UNREADABLE', file: '/missing'});
	});

	test('on Windows the files lie elsewhere, and the agent is a pipe', async () => {
		const windows = {
			platform: 'win32',
			home: 'C:\\Users\\ann',
			environment: {PROGRAMDATA: 'D:\\Data'},
			// There the permission bits say nothing.
			mode: 0o666,
		} as const;
		const computer = aComputer(
			{
				'C:\\Users\\ann\\.ssh\\config':
					'Include conf.d/*\nIdentityFile ~\\.ssh\\mine\nIdentityFile "C:\\Keys\\a b"',
				'C:\\Users\\ann\\.ssh\\conf.d\\Agents': 'Host agent1\n HostName 10.0.0.1',
				'D:\\Data\\ssh\\ssh_config': 'User system',
			},
			windows,
		);
		const settings = await resolveHost({host: 'agent1'}, computer);
		expect(settings).toMatchObject({hostName: '10.0.0.1', user: 'system'});
		expect(settings.identityFiles.map(file => file.path)).toEqual([
			'C:\\Users\\ann\\.ssh\\mine',
			'C:\\Keys\\a b',
		]);
		expect(settings.userKnownHostsFiles[0]).toBe('C:\\Users\\ann\\.ssh\\known_hosts');
		expect(settings.globalKnownHostsFiles[0]).toBe('D:\\Data\\ssh\\ssh_known_hosts');
		expect(settings.agentSocket).toBe('\\\\.\\pipe\\openssh-ssh-agent');
	});

	test('paths and jump hosts are given with what their tokens stand for', async () => {
		const settings = await resolveHost(
			{host: 'agent1', port: 2201},
			withConfig(
				'User bob\nHostName %h.corp\nIdentityFile ~/%r@%h:%p\nIdentityFile none\nProxyJump %r@gate-%n:22',
			),
		);
		expect(settings.identityFiles).toEqual([
			{path: '/home/ann/bob@agent1.corp:2201', written: '~/%r@%h:%p', byDefault: false},
		]);
		expect(settings.jumpHosts).toEqual([{host: 'gate-agent1', user: 'bob', port: 22}]);
	});

	test('no agent is asked where the configuration says so, and the usual one otherwise', async () => {
		const agent = async (config: string) => {
			const environment = {SSH_AUTH_SOCK: '/usual', OTHER: '/other'};
			return (await resolveHost({host: 'a'}, withConfig(config, {environment}))).agentSocket;
		};
		expect(await agent('')).toBe('/usual');
		expect(await agent('IdentityAgent none')).toBeUndefined();
		expect(await agent('IdentityAgent $OTHER')).toBe('/other');
		expect(await agent('IdentityAgent $UNSET')).toBeUndefined();
		expect(await agent('IdentityAgent ${OTHER}/%u')).toBe('/other/ann');
	});

	test('tags of newer versions of ssh', async () => {
		const settings = await resolveHost(
			{host: 'agent1'},
			withConfig('Host agent*\n Tag lab\nMatch tagged lab,x\n Port 2201\nMatch !tagged lab\n User never'),
		);
		expect(settings).toMatchObject({port: 2201, user: 'ann'});
	});
});

describe('what is wrong with a file', () => {
	test('a bad line is named with file, line, cause and remedy, also where it does not apply', async () => {
		const error = await errorOf('User ann\n\nHost other\n  Port many');
		expect(error.code).toBe('SSH_CONFIG_INVALID');
		expect(error.message).toBe(`${ownConfig}:4: Port takes a port from 1 to 65535, and not “many”.`);
		expect(error.nextSteps).toHaveLength(1);
	});

	test('the file is the included one', async () => {
		const computer = aComputer({[ownConfig]: 'Include more', '/home/ann/.ssh/more': '\nNoSuchOption x'});
		await expect(resolveHost({host: 'a'}, computer)).rejects.toThrow(
			'/home/ann/.ssh/more:2: “NoSuchOption” is no option of SSH.',
		);
	});

	test('what a terminal would obey is shown instead', async () => {
		expect((await errorOf('\u001B[2Jx y')).message).toContain('\\x1b[2Jx');
	});

	test.each([
		['others may write to it', {mode: 0o620}, 'chmod go-w'],
		['it belongs to somebody else', {owner: 1001}, 'chown ann'],
	])('a file is refused when %s', async (_, differences, remedy) => {
		const error: unknown = await resolveHost({host: 'a'}, withConfig('Port 1', differences)).catch(
			(caught: unknown) => caught,
		);
		expect(error).toMatchObject({code: 'SSH_CONFIG_UNSAFE', file: ownConfig});
		expect((error as UserError).nextSteps[0]).toContain(`${remedy} ${ownConfig}`);
	});

	test('a file of root is fine, and so is any that was named or is the computer’s', async () => {
		expect((await resolveHost({host: 'a'}, withConfig('Port 2201', {owner: 0}))).port).toBe(2201);
		const open = {mode: 0o666, owner: 1001};
		expect((await resolveHost({host: 'a'}, aComputer({[systemConfig]: 'Port 2201'}, open))).port).toBe(2201);
		const named = aComputer({'/my': 'Port 2201\nInclude /other'}, {...open, configFile: '/my'});
		expect((await resolveHost({host: 'a'}, named)).port).toBe(2201);
		// What it includes has to be safe again.
		const including = aComputer({'/my': 'Include /other', '/other': ''}, {...open, configFile: '/my'});
		await expect(resolveHost({host: 'a'}, including)).rejects.toMatchObject({file: '/other'});
	});

	test('the computer’s file cannot include one of the user', async () => {
		const computer = aComputer({[systemConfig]: 'Include ~/x'});
		await expect(resolveHost({host: 'a'}, computer)).rejects.toThrow('cannot be included here');
	});

	test('files that include each other end in an error', async () => {
		expect((await errorOf('Include config')).message).toContain('include each other more than 16 deep');
	});

	test('an unreadable file is no missing one', async () => {
		const denied = Object.assign(new Error('EACCES: permission denied'), {code: 'EACCES'});
		const computer = aComputer({}, {readFile: () => Promise.reject(denied)});
		await expect(resolveHost({host: 'a'}, computer)).rejects.toMatchObject({
			code: 'SSH_CONFIG_UNREADABLE',
			message: expect.stringContaining(`${ownConfig} cannot be read: EACCES`) as string,
		});
	});
});

describe('what ssh does and we do not', () => {
	test.each([
		['ProxyCommand nc %h %p', 'ProxyJump'],
		['CanonicalizeHostname yes', 'full name'],
		['CanonicalizePermittedCNAMEs *:*', 'HostName'],
		['RevokedHostKeys /revoked', '@revoked'],
		['RefuseConnection "not this one"', 'Take this line out'],
		['PreferredAuthentications gssapi-with-mic,hostbased', 'Allow keys'],
		[
			'PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nGSSAPIAuthentication yes',
			'Allow keys',
		],
	])('%s is refused', async (config, remedy) => {
		const error = await errorOf(`Host agent1\n${config}`);
		expect(error.code).toBe('SSH_CONFIG_UNSUPPORTED');
		expect(error.message).toContain(`${ownConfig}:2: ${config.split('\n')[0] ?? ''}`);
		expect(error.message).toMatch(/Nothing was sent\.$/);
		expect(error.nextSteps.join()).toContain(remedy);
		// For other hosts the line says nothing.
		await expect(resolveHost({host: 'other'}, withConfig(`Host agent1\n${config}`))).resolves.toBeDefined();
	});

	test('several are named together', async () => {
		const {message} = await errorOf('ProxyCommand a\nRevokedHostKeys b');
		expect(message).toContain('config:1: ProxyCommand');
		expect(message).toContain('config:2: RevokedHostKeys');
	});

	test('a way around a ProxyCommand is a ProxyJump above it, or none', async () => {
		await expect(resolveHost({host: 'a'}, withConfig('ProxyJump b\nProxyCommand nc'))).resolves.toMatchObject(
			{
				jumpHosts: [{host: 'b'}],
			},
		);
		await expect(
			resolveHost({host: 'a'}, withConfig('ProxyCommand NONE\nProxyCommand nc')),
		).resolves.toBeDefined();
	});

	test('an address needs no canonical name', async () => {
		const config = 'CanonicalizeHostname always\nHost 10.0.0.1\n Port 2201\nMatch canonical\n User late';
		await expect(resolveHost({host: '10.0.0.1'}, withConfig(config))).resolves.toMatchObject({
			port: 2201,
			user: 'late',
		});
	});

	test('what changes little is noticed, once, and only where it applies and says something', async () => {
		const config = [
			'Host other',
			'BindAddress 10.0.0.1',
			'Host agent1',
			'BindAddress 10.0.0.2',
			'BindAddress 10.0.0.3',
			'CertificateFile ~/cert',
			'PKCS11Provider none',
			'ControlPath ~/%C',
			'StrictHostKeyChecking no',
			'KexAlgorithms +diffie-hellman-group1-sha1',
			'GSSAPIAuthentication yes',
			'Tunnel no',
		].join('\n');
		expect(await noticesOf(config)).toEqual([
			'4 BindAddress',
			'6 CertificateFile',
			'8 ControlPath',
			'9 StrictHostKeyChecking',
			'10 KexAlgorithms',
		]);
	});

	test('nothing is noticed twice by a second reading', async () => {
		expect(await noticesOf('BindAddress 10.0.0.1\nMatch final\n HashKnownHosts yes')).toEqual([
			'1 BindAddress',
		]);
	});
});

describe('a Match that hangs on what is not found out', () => {
	test('is an error where it would settle something', async () => {
		const error = await errorOf(
			'Match host agent* exec "onlan"\n HashKnownHosts yes\n ForwardAgent yes\n ProxyJump gate',
		);
		expect(error.code).toBe('SSH_CONFIG_UNSUPPORTED');
		expect(error.message).toContain(
			`${ownConfig}:4: ProxyJump gate: whether it applies hangs on Match exec in ${ownConfig}:1`,
		);
		expect(error.message).toContain('HashKnownHosts');
		expect(error.message).not.toContain('ForwardAgent');
		expect(error.nextSteps).toContain('Write ProxyJump for this host into a Host block above it.');
	});

	test.each([
		[
			'what it would settle is settled before',
			'Host agent1\n ProxyJump none\nMatch exec "x"\n ProxyJump gate',
		],
		['another criterion fails', 'Match host other exec "x"\n ProxyJump gate'],
		['another criterion fails behind it', 'Match localnetwork 10.0.0.0/8 host other\n ProxyJump gate'],
		['it settles nothing that counts', 'Match exec "x"\n ForwardAgent yes\n SendEnv X'],
		['a Host inside what it includes is another', 'Match exec "x"\n Include other'],
	])('is none where %s', async (_, config) => {
		const computer = aComputer({[ownConfig]: config, '/home/ann/.ssh/other': 'Host other\n ProxyJump gate'});
		await expect(resolveHost({host: 'agent1'}, computer)).resolves.toMatchObject({jumpHosts: []});
	});

	test('goes on into the files that are included', async () => {
		const computer = aComputer({
			[ownConfig]: 'Match exec "x"\n Include more',
			'/home/ann/.ssh/more': 'Host agent1\n Port 2201',
		});
		await expect(resolveHost({host: 'agent1'}, computer)).rejects.toThrow(
			/more:2: Port 2201: whether it applies hangs on Match exec in .*config:1/,
		);
	});

	test('only notices a further key, since others may do', async () => {
		expect(await noticesOf('Match exec "x"\n IdentityFile ~/key')).toEqual(['2 IdentityFile']);
	});
});

describe('the way to a host', () => {
	const hostsOf = async (config: string, target: HostTarget) =>
		(await resolveRoute(target, withConfig(config))).map(
			({hostName, port, user}) => `${user}@${hostName}:${port}`,
		);

	test('goes over the hosts of ProxyJump in their order, each with its own settings', async () => {
		const config = [
			'Host agent1',
			' ProxyJump one,bob@two:2202,three',
			'Host one',
			' HostName one.corp',
			'Host two',
			' Port 9999',
			' User never',
			'Host three',
			' User carl',
			// Not gone through: the way to it is given by the ProxyJump of agent1.
			' ProxyJump elsewhere',
		].join('\n');
		expect(await hostsOf(config, {host: 'agent1'})).toEqual([
			'ann@one.corp:22',
			'bob@two:2202',
			'carl@three:22',
			'ann@agent1:22',
		]);
	});

	test('the first of them is reached as the configuration says for it', async () => {
		const config = 'Host agent1\n ProxyJump inner\nHost inner\n ProxyJump outer';
		expect(await hostsOf(config, {host: 'agent1'})).toEqual([
			'ann@outer:22',
			'ann@inner:22',
			'ann@agent1:22',
		]);
	});

	test('a host that is reached over itself is refused', async () => {
		await expect(hostsOf('ProxyJump gate', {host: 'agent1'})).rejects.toMatchObject({code: 'SSH_JUMP_LOOP'});
		const circle = 'Host a\n ProxyJump b\nHost b\n ProxyJump a';
		await expect(hostsOf(circle, {host: 'a'})).rejects.toThrow(/The way to a never ends: .*a, b, a, b/);
	});
});

test('whatever a configuration holds, it ends in settings or in a clear error', async () => {
	const word = fc.constantFrom(
		...['Host', 'Match', 'Include', 'HostName', 'IdentityFile', 'IdentityAgent', 'ProxyJump', 'ProxyCommand'],
		...['User', 'Port', 'ConnectTimeout', 'UserKnownHostsFile', 'IgnoreUnknown', 'StrictHostKeyChecking'],
		...[
			'exec',
			'all',
			'final',
			'host',
			'user',
			'none',
			'yes',
			'a',
			'*',
			'!a',
			'~',
			'~bob/x',
			'more',
			'conf.d/*',
		],
		...[
			'%h',
			'%',
			'%%',
			'${HOME}',
			'${',
			'$A',
			'"',
			"'",
			'\\',
			'#',
			'=',
			',',
			'@',
			':',
			'[',
			']',
			'ssh://',
			'\n',
		],
		...['\n', '\n', '\r', '\t', '\f', '\0'],
	);
	const text = fc
		.array(fc.oneof({weight: 9, arbitrary: word}, fc.string()), {maxLength: 40})
		.map(words => words.join(' '));
	let settled = 0;
	await fc.assert(
		fc.asyncProperty(text, text, async (own, more) => {
			const files = {[ownConfig]: own, '/home/ann/.ssh/more': more, '/home/ann/.ssh/conf.d/x': own};
			try {
				await resolveRoute({host: 'a'}, aComputer(files, {environment: {HOME: '/home/ann'}}));
				settled += 1;
			} catch (error) {
				expect(error).toBeInstanceOf(UserError);
			}
		}),
		{numRuns: 500},
	);
	expect(settled).toBeGreaterThan(10);
});

test('real files are read: folders among the included ones, and what may not be read', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-config-'));
	await mkdir(join(folder, 'conf.d', 'a folder'), {recursive: true});
	await writeFile(join(folder, 'conf.d', 'b.conf'), 'Port 2201', {mode: 0o600});
	await chmod(join(folder, 'conf.d', 'a folder'), 0o700);
	await writeFile(join(folder, 'config'), `Include "${join(folder, 'conf.d')}/*"`);
	const {port} = await resolveHost({host: 'a'}, thisComputer(join(folder, 'config')));
	expect(port).toBe(2201);
	await rm(folder, {recursive: true});
});
