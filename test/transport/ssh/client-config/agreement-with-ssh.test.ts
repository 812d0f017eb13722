import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {UserError} from '../../../../source/domain/user-error.ts';
import type {HostSettings, HostTarget} from '../../../../source/transport/ssh/client-config/host-settings.ts';
import type {JumpHost} from '../../../../source/transport/ssh/client-config/jump-hosts.ts';
import {resolveHost} from '../../../../source/transport/ssh/client-config/resolve-host.ts';
import {
	type Surroundings,
	thisComputer,
} from '../../../../source/transport/ssh/client-config/surroundings.ts';
import {runSshProgram, sshProgramsAreMissing} from '../../../support/ssh-programs.ts';

/** Each of them starts ssh. */
const runs = 40;

const environment = {KEYS: '/keys', SOCK: '/run/sock', SSH_AUTH_SOCK: '/run/usual'};

interface Case {
	readonly name: string;
	readonly config: string;
	readonly hosts: readonly string[];
	/** By path under the home folder, for `Include`. */
	readonly files?: Readonly<Record<string, string>>;
	readonly user?: string;
	readonly port?: number;
}

const cases: readonly Case[] = [
	{
		name: 'nothing at all',
		config: '',
		hosts: ['a', 'A.Example.ORG', '10.0.0.1', 'FE80:0::0001', '::ffff:10.0.0.1'],
	},
	{
		name: 'the first value of an option stays',
		config: 'Host a\n User first\n Port 2201\nHost *\n User second\n Port 2202\n Port 2203',
		hosts: ['a', 'b'],
	},
	{
		name: 'what is asked for goes first',
		config: 'User file\nPort 2222',
		hosts: ['a'],
		user: 'asked',
		port: 2200,
	},
	{
		name: 'host patterns',
		config:
			'Host web? *.corp !secret.corp\n User one\nHost !web1 *\n Port 2201\nHost WEB1\n Port 2202\nHost 10.0.*.?\n User net',
		hosts: ['web1', 'web12', 'a.corp', 'secret.corp', 'WEB1', '10.0.7.1', '10.0.7.11'],
	},
	{
		name: 'keywords in any case, with blanks, equals signs and comments',
		config:
			'  hOsT   a # not b\n\tUSER="some one"\nport = 2201 # comment\nIdentityFile="/k/with # hash" #c\nhostkeyalias=Alias\n#\n   # indented\nHashKnownHosts yes\f',
		hosts: ['a', 'b', '#'],
	},
	{
		name: 'line ends of Windows',
		config: 'Host a\r\n  User one\r\n  Port 2201 \t\r\nUser two\r\n',
		hosts: ['a', 'b'],
	},
	{
		name: 'quotes',
		config:
			'HostKeyAlias \'o"n"e\'\nIdentityFile "/k/a b"\nIdentityFile /k/c\\ d\nIdentityFile \'/k/e f\'\nIdentityFile "/k/\\"q\\""\nIdentityFile /k/g\'h i\'j\nIdentityFile "a\\b\\\\c"\nIdentityFile /k/#no-comment\nUserKnownHostsFile "/h/a b" /h/c\\ d \'/h/e\'',
		hosts: ['a'],
	},
	{name: 'quoted patterns', config: 'Host "a b" "c" d\\ e\n User one', hosts: ['c', 'a', 'd']},
	{
		name: 'a host name with the given one in it',
		config:
			'Host *.lan\n HostName %h.Example.org\nHost short\n HostName pre-%h-%%\nHost six\n HostName 2001:DB8:0:0::1',
		hosts: ['a.lan', 'B.lan', 'short', 'six'],
	},
	{
		name: 'tokens, the home folder and the environment in paths',
		config: [
			'HostName real.%h',
			'User ann',
			'Port 2201',
			'IdentityFile ~/.ssh/%h-%r',
			'UserKnownHostsFile ~/%d/%h/%i/%k/%L/%l/%n/%p/%r/%u/%% ${KEYS}/%C',
			'IdentityAgent ${SOCK}/%n',
		].join('\n'),
		hosts: ['Name'],
	},
	{
		name: 'tokens with an alias of the host key',
		config: 'HostKeyAlias Some.Alias\nUserKnownHostsFile ~ ~/ ~/x /a/%k',
		hosts: ['a'],
	},
	{name: 'no agent', config: 'IdentityAgent none', hosts: ['a']},
	{name: 'an agent by variable', config: 'IdentityAgent $SOCK', hosts: ['a']},
	{name: 'the usual agent', config: 'IdentityAgent SSH_AUTH_SOCK', hosts: ['a']},
	{name: 'an agent in the home folder', config: 'IdentityAgent ~/agent.sock', hosts: ['a']},
	{
		name: 'identity files gather, each once',
		config:
			'Host a\n IdentityFile ~/one\nHost *\n IdentityFile ~/two\n IdentityFile ~/one\n IdentitiesOnly yes',
		hosts: ['a', 'b'],
	},
	{name: 'no known hosts', config: 'UserKnownHostsFile none\nGlobalKnownHostsFile NONE', hosts: ['a']},
	{
		name: 'several known hosts files',
		config:
			'UserKnownHostsFile /a ~/b\nUserKnownHostsFile /never\nGlobalKnownHostsFile /g ~/not-expanded %h\nHashKnownHosts yes',
		hosts: ['a'],
	},
	{
		name: 'strictness',
		config: [
			...['yes', 'no', 'ask', 'off', 'accept-new', 'TRUE', 'false'].map(
				(value, index) => `Host h${index}\n StrictHostKeyChecking ${value}`,
			),
		].join('\n'),
		hosts: ['h0', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'other'],
	},
	{
		name: 'times',
		config: [
			'Host a\n ConnectTimeout 10\n ServerAliveInterval 1m30s\n ServerAliveCountMax 5',
			'Host b\n ConnectTimeout 2H\n ServerAliveInterval 1w2d3h4m5',
			'Host c\n ConnectTimeout none\n ServerAliveInterval none\n ServerAliveInterval 7\n ConnectTimeout 8',
			'Host d\n ConnectTimeout 0\n ServerAliveCountMax 0',
		].join('\n'),
		hosts: ['a', 'b', 'c', 'd'],
	},
	{
		name: 'jump hosts',
		config: [
			'Host a\n ProxyJump bastion',
			'Host b\n ProxyJump ann@one:2201,two,bob@three',
			'Host c\n ProxyJump ssh://ann@bastion:2201',
			'Host d\n ProxyJump [2001:db8::1]:2201',
			'Host e\n ProxyJump ann@[2001:db8::1]',
			'Host f\n ProxyJump none\n ProxyJump bastion',
			'Host g\n ProxyCommand none\n ProxyJump bastion',
			'Host h\n ProxyJump=bastion',
			'Host i\n ProxyJump bastion # comment',
			'Host j\n ProxyJump 10.0.0.1:22',
			'Host k\n ProxyJump bastion\n ProxyCommand nc %h %p',
			'Host l\n ProxyJump ssh://a%20b@bastion',
			'Host m\n ProxyJump a@b@c',
			'Host *\n ProxyJump last',
		].join('\n'),
		hosts: 'a b c d e f g h i j k l m n'.split(' '),
	},
	{
		name: 'Match by host and user',
		config: [
			'Match host *.corp,!x.corp user ann',
			' Port 2201',
			'Match originalhost a.corp localuser *',
			' User bob',
			'Match User bob',
			' Port 2202',
			'Match !host "b.corp" host=*.CORP',
			' IdentityFile /not-b',
			'Match all',
			' HashKnownHosts yes',
		].join('\n'),
		hosts: ['a.corp', 'b.corp', 'x.corp', 'A.Corp', 'other'],
	},
	{
		name: 'Match by the user that is asked for',
		config: 'Match user ann\n Port 2201',
		hosts: ['a'],
		user: 'ann',
	},
	{
		name: 'Match goes by the name that is connected to',
		config:
			'Host short\n HostName %h.corp\nMatch host *.corp\n User one\nMatch originalhost short\n Port 2201',
		hosts: ['short', 'long.corp'],
	},
	{name: 'Match all negated', config: 'Match !all\n User never\nMatch all\n Port 2201', hosts: ['a']},
	{
		name: 'a second reading',
		config: [
			'Match final host *.corp',
			' User late',
			'Match canonical',
			' IdentityFile /canonical',
			'Match !final',
			' IdentityFile /first',
			'Match all',
			'Host *.corp',
			' Port 2201',
			'Host short',
			' HostName Short.corp',
			'Match final all',
			' HashKnownHosts yes',
		].join('\n'),
		hosts: ['short', 'x.corp', 'y'],
	},
	{
		name: 'nothing asks for a second reading',
		config: 'Match canonical\n User one\nHost x.corp\n Port 2201\nHost short\n HostName x.corp',
		hosts: ['short'],
	},
	{
		name: 'Include',
		config: [
			'Include first.conf missing.conf none/*.conf',
			'Host a',
			' Include conf.d/*.conf',
			' Port 2299',
			'Host *',
			' Include ~/elsewhere/x[1-2].conf "~/with blank/*"',
			' Include conf.d/?.cfg',
		].join('\n'),
		files: {
			'.ssh/first.conf': 'Host b\n User from-first',
			'.ssh/conf.d/10.conf': 'User ten\nHost b\n User never\nHost *\n IdentityFile /ten',
			'.ssh/conf.d/9.conf': 'User nine\nIdentityFile /nine',
			'.ssh/conf.d/.hidden.conf': 'IdentityFile /hidden',
			'.ssh/conf.d/x.cfg': 'Match host a\n IdentityFile /x',
			'elsewhere/x1.conf': 'IdentityFile /x1',
			'elsewhere/x3.conf': 'IdentityFile /x3',
			'with blank/f': 'IdentityFile /blank',
		},
		hosts: ['a', 'b', 'c'],
	},
	{
		name: 'files that include others',
		config: 'Host a\n Include one\n IdentityFile /zero',
		files: {
			'.ssh/one': 'IdentityFile /one\nHost b\n Include two\nHost *\n IdentityFile /one-again',
			'.ssh/two': 'IdentityFile /two\nHost *\n IdentityFile /two-again',
		},
		hosts: ['a', 'b'],
	},
	{
		name: 'files that include others, sixteen deep',
		config: 'Include f1',
		files: Object.fromEntries(
			Array.from({length: 16}, (_, index) => [
				`.ssh/f${index + 1}`,
				index === 15 ? 'User deep' : `Include f${index + 2}`,
			]),
		),
		hosts: ['a'],
	},
	{
		name: 'options that change nothing, and older names',
		config:
			'ForwardAgent yes\nAddKeysToAgent 5m\nCheckHostIP no\nIdentityFile2 /k\nProtocol 2\nSendEnv LANG LC_*\nLocalForward 8080 localhost:80\nCompressionLevel 3\nChallengeResponseAuthentication no',
		hosts: ['a'],
	},
	{
		name: 'ways to log in',
		config:
			'PubkeyAuthentication unbound\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\nPreferredAuthentications publickey,password\nBatchMode no\nAddressFamily INET6',
		hosts: ['a'],
	},
	{
		name: 'unknown options that are to be ignored',
		config: 'IgnoreUnknown UseKeychain,My*\nUseKeychain yes\nMyOption "some thing"\nUser one',
		hosts: ['a'],
	},
	{name: 'an unknown option', config: 'Host other\n NoSuchOption yes', hosts: ['a']},
	{name: 'an unknown option before it is ignored', config: 'My yes\nIgnoreUnknown My', hosts: ['a']},
	...[
		'Port 0',
		'Port 65536',
		'Port x',
		'Port',
		'Port 22 23',
		'Port ""',
		'Port "22',
		'Host "a',
		'User',
		'Host ""',
		'Match',
		'Match nothing a',
		'Match host',
		'Match host a all extra',
		'Match host a user b all',
		'ConnectTimeout 1x',
		'ConnectTimeout -1',
		'ServerAliveCountMax -1',
		'ServerAliveCountMax x',
		'StrictHostKeyChecking maybe',
		'IdentitiesOnly maybe',
		'UserKnownHostsFile none /a',
		'UserKnownHostsFile ""',
		'ProxyJump a:b',
		'ProxyJump @a',
		'ProxyJump a,,b',
		'ProxyJump ssh://a/path',
		'ProxyJump [::1',
		'IdentityAgent ${UNSET_VARIABLE}',
		'IdentityAgent $no-name',
		'HostName %x',
		'UserKnownHostsFile %x',
		'UserKnownHostsFile ${UNSET_VARIABLE}',
		'UserKnownHostsFile ${',
		'Include ""',
		'Include self',
		'ProxyJump a',
	].map(config => ({name: config, config, files: {'.ssh/self': 'Include self'}, hosts: ['a']})),
];

describe.skipIf(sshProgramsAreMissing())('the settings of a host agree with ssh -G', () => {
	let home: string;
	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), 'dms-upgrade-ssh-config-'));
	});
	afterAll(() => rm(home, {recursive: true}));

	const configFile = () => join(home, 'config');
	const surroundings = (): Surroundings => ({
		...thisComputer(configFile()),
		environment: {...environment, HOME: home},
	});

	function sshSays({host, user, port}: HostTarget): Map<string, string[]> | undefined {
		const args = [
			...['-G', '-F', configFile()],
			...(user === undefined ? [] : ['-l', user]),
			...(port === undefined ? [] : ['-p', String(port)]),
			host,
		];
		const {exitCode, stdout} = runSshProgram('ssh', args, {...environment, HOME: home});
		return exitCode === 0 ? optionsOf(stdout) : undefined;
	}

	async function weSay(target: HostTarget): Promise<HostSettings | UserError> {
		try {
			return await resolveHost(target, surroundings());
		} catch (error) {
			if (error instanceof UserError) {
				return error;
			}

			throw error;
		}
	}

	test.each(cases)('$name', async ({config, hosts, files = {}, user, port}) => {
		await writeFile(configFile(), config);
		for (const [path, text] of Object.entries(files)) {
			await mkdir(dirname(join(home, path)), {recursive: true, mode: 0o700});
			await writeFile(join(home, path), text, {mode: 0o600});
		}

		for (const host of hosts) {
			const target = {
				host,
				...(user === undefined ? {} : {user}),
				...(port === undefined ? {} : {port}),
			};
			const said = sshSays(target);
			const settings = await weSay(target);
			if (settings instanceof UserError) {
				expect(said === undefined, `ssh takes it, we do not: ${settings.message}`).toBe(true);
			} else {
				expect(said && {host, ...comparable(said)}).toEqual({host, ...asSsh(settings)});
			}
		}

		await Promise.all(Object.keys(files).map(path => rm(join(home, path))));
	});

	test('on random configurations', async () => {
		const name = fc.constantFrom(
			'a',
			'b',
			'a.lan',
			'*',
			'?',
			'*.lan',
			'!a',
			'!*.lan',
			'A',
			'%h.lan',
			'"a b"',
		);
		const line = fc.oneof(
			fc.array(name, {minLength: 1, maxLength: 3}).map(names => `Host ${names.join(' ')}`),
			fc
				.tuple(fc.constantFrom('', '!'), fc.constantFrom('host', 'originalhost', 'user', 'localuser'), name)
				.map(([not, criterion, pattern]) => `Match ${not}${criterion} ${pattern}`),
			fc.constantFrom(
				'Match all',
				'Match final',
				'Match !final',
				'Match canonical',
				'Match final host *.lan',
			),
			name.map(host => `HostName ${host}`),
			name.map(user => `User ${user.replaceAll('%', '')}`),
			name.map(file => `IdentityFile ${file}`),
			fc.constantFrom('a', 'b.lan', 'none', 'u@b:22,c').map(jump => `ProxyJump ${jump}`),
			fc.constantFrom('1', '22', '0', '2201 ').map(port => `Port = ${port}`),
			fc.constantFrom('ConnectTimeout 5m', 'HashKnownHosts yes', 'ProxyCommand none', '# nothing', ''),
		);
		const host = fc.constantFrom('a', 'b', 'A', 'a.lan', 'c.lan');
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(line, {maxLength: 12}), host, async (lines, asked) => {
				await writeFile(configFile(), lines.join('\n'));
				const said = sshSays({host: asked});
				const settings = await weSay({host: asked});
				taken += said ? 1 : 0;
				expect(settings instanceof UserError ? undefined : asSsh(settings)).toEqual(said && comparable(said));
			}),
			{numRuns: runs},
		);
		expect(taken).toBeGreaterThan(runs / 4);
	});

	test('on the way in which random arguments are split', async () => {
		const piece = fc.constantFrom('a', 'b', ' ', '\t', '"', "'", '\\', '#', '=', '%%', '/', '\\"', '\\ ');
		const text = fc.array(piece, {minLength: 1, maxLength: 10}).map(pieces => pieces.join(''));
		await fc.assert(
			fc.asyncProperty(text, async known => {
				await writeFile(configFile(), `UserKnownHostsFile x ${known}\nIdentityFile ${known}`);
				const said = sshSays({host: 'a'});
				const settings = await weSay({host: 'a'});
				expect(settings instanceof UserError ? undefined : asSsh(settings)).toEqual(said && comparable(said));
			}),
			{numRuns: runs},
		);
	});
});

function optionsOf(output: string): Map<string, string[]> {
	const options = new Map<string, string[]>();
	for (const line of output.trimEnd().split('\n')) {
		const [, name = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
		options.set(name, [...(options.get(name) ?? []), value]);
	}

	return options;
}

/** What ssh prints of the options that we know. */
function comparable(options: Map<string, string[]>) {
	const one = (name: string) => options.get(name)?.[0];
	return {
		hostName: one('hostname'),
		user: one('user'),
		port: one('port'),
		addressFamily: one('addressfamily'),
		jump: one('proxyjump'),
		connectTimeout: one('connecttimeout'),
		interval: one('serveraliveinterval'),
		count: one('serveralivecountmax'),
		// Which keys are tried by default differs between versions.
		identities: options.get('identityfile')?.filter(file => !/~\/\.ssh\/id_(?:xmss|dsa)$/.test(file)),
		identitiesOnly: one('identitiesonly'),
		agent: agentOf(one('identityagent') ?? 'SSH_AUTH_SOCK'),
		publicKey: one('pubkeyauthentication') === 'false' ? 'no' : 'yes',
		password: one('passwordauthentication'),
		keyboardInteractive: one('kbdinteractiveauthentication'),
		preferred: one('preferredauthentications'),
		batchMode: one('batchmode'),
		userKnownHosts: one('userknownhostsfile'),
		globalKnownHosts: one('globalknownhostsfile'),
		alias: one('hostkeyalias'),
		strict: one('stricthostkeychecking'),
		hash: one('hashknownhosts'),
	};
}

/** The agent that ssh asks with what it prints. */
function agentOf(printed: string): string | undefined {
	const agents: Readonly<Record<string, string | undefined>> = {
		none: undefined,
		SSH_AUTH_SOCK: environment.SSH_AUTH_SOCK,
		$SOCK: environment.SOCK,
	};
	return printed in agents ? agents[printed] : printed;
}

/** Our settings in the way in which ssh prints them. */
function asSsh(settings: HostSettings): ReturnType<typeof comparable> {
	const yesNo = (value: boolean) => (value ? 'yes' : 'no');
	const strict = {yes: 'true', no: 'false', ask: 'ask', 'accept-new': 'accept-new'};
	return {
		hostName: settings.hostName,
		user: settings.user,
		port: String(settings.port),
		addressFamily: settings.addressFamily,
		jump: settings.jumpHosts.length === 0 ? undefined : jumpText(settings.jumpHosts),
		connectTimeout: String(settings.connectTimeoutSeconds ?? 'none'),
		interval: String(settings.serverAliveIntervalSeconds),
		count: String(settings.serverAliveCountMax),
		identities: settings.identityFiles.map(({written}) => written),
		identitiesOnly: yesNo(settings.identitiesOnly),
		agent: settings.agentSocket,
		publicKey: yesNo(settings.login.publicKey),
		password: yesNo(settings.login.password),
		keyboardInteractive: yesNo(settings.login.keyboardInteractive),
		preferred: settings.login.preferred?.join(','),
		batchMode: yesNo(settings.batchMode),
		userKnownHosts: settings.userKnownHostsFiles.join(' ') || 'none',
		globalKnownHosts: settings.globalKnownHostsFiles.join(' ') || 'none',
		alias: settings.hostKeyAlias,
		strict: strict[settings.strictHostKeyChecking],
		hash: yesNo(settings.hashKnownHosts),
	};
}

function jumpText(hosts: readonly JumpHost[]): string {
	return hosts
		.map(({host, user, port}) => {
			const numeric = /:|^[\d.]+$/.test(host);
			const name = numeric ? `[${host}]` : host;
			return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`;
		})
		.join(',');
}
