import {describe, expect, test} from 'vitest';
import {parseProbe, probeScript} from '../../source/agent/port-probe.ts';
import {dwordOf, parseRegistryQuery} from '../../source/agent/registry-query.ts';
import {parseServiceList} from '../../source/agent/service-list.ts';
import {
	hasExpiredUser,
	holdsObjects,
	parseClusterEndpoints,
	parseConnectionSettings,
	parseDatabases,
	parseMaintenanceSettings,
	parsePortCheck,
	parseRedirects,
	parseRemotingPort,
	parseSoftLaunchOptions,
	parseUtc,
} from '../../source/agent/settings-files.ts';

describe('reg.exe query', () => {
	const output = [
		'',
		String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager`,
		'    (Standard)    REG_SZ    ',
		'    Release    REG_DWORD    0x80eb1',
		'    Name with blanks    REG_SZ    text    with    blanks',
		String.raw`    Pending    REG_MULTI_SZ    \??\C:\a\0\0\??\C:\b\0`,
		'    Empty    REG_SZ',
		'',
		String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`,
		String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management`,
		'',
	].join('\r\n');

	test('gives values by their names in small letters, with all their blanks, and the keys below', () => {
		const key = parseRegistryQuery(output);
		expect(key?.values.get('release')).toBe('0x80eb1');
		expect(key?.values.get('name with blanks')).toBe('text    with    blanks');
		expect(key?.values.get('pending')).toBe(String.raw`\??\C:\a\0\0\??\C:\b\0`);
		expect(key?.values.get('empty')).toBe('');
		expect([...(key?.keys ?? [])]).toEqual(['environment', 'memory management']);
	});

	test('of a key without values gives the keys below it, and not the key itself', () => {
		const keys = parseRegistryQuery(
			'\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\A\\RebootRequired\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B\r\n',
		)?.keys;
		expect([...(keys ?? [])]).toEqual(['rebootrequired', 'b']);
	});

	test.each(['', 'ERROR: Access is denied.', '    Release    REG_DWORD    0x1'])('%j is none', text => {
		expect(parseRegistryQuery(text)).toBeUndefined();
	});

	test('a DWORD is hexadecimal, and nothing else is one', () => {
		expect(dwordOf('0x80eb1')).toBe(528_049);
		expect(['1', '0x', '0x123456789', '', undefined].map(dwordOf)).toEqual(Array(5).fill(undefined));
	});
});

describe('sc.exe query', () => {
	const service = (name: string, state: string) =>
		`\r\nDIENSTNAME: ${name}\r\nANZEIGENAME: ${name} shown\r\n        TYP                : 10  WIN32_OWN_PROCESS\r\n        STATUS             : ${state}\r\n                                (STOPPABLE)\r\n        WARTEHINWEIS       : 0x0\r\n`;

	test('gives every service, in whatever language Windows speaks', () => {
		expect(parseServiceList(service('nats-server', '4  RUNNING') + service('A: B', '1  STOPPED'))).toEqual([
			{name: 'nats-server', displayName: 'nats-server shown', running: true},
			{name: 'A: B', displayName: 'A: B shown', running: false},
		]);
	});

	test('a service that starts or stops does not run', () => {
		const states = ['2  START_PENDING', '3  STOP_PENDING', '4  RUNNING'];
		expect(states.map(state => parseServiceList(service('x', state))?.[0]?.running)).toEqual([
			false,
			false,
			true,
		]);
	});

	test('anything else is no list', () => {
		expect(parseServiceList('[SC] OpenSCManager FAILED 5:\r\n\r\nAccess is denied.\r\n')).toBeUndefined();
	});
});

describe('settings', () => {
	test('MaintenanceSettings.xml: what it does not set is missing', () => {
		const read = (inside: string) =>
			parseMaintenanceSettings(
				`<MaintenanceSettings xmlns="x"><SLNet>${inside}</SLNet></MaintenanceSettings>`,
			);
		expect(read('')).toEqual({defaultUpgradeOptions: false});
		expect(
			read(
				'<BrokerGateway>True</BrokerGateway><MaxUploadSize> 500 </MaxUploadSize><EnableDotNetRemoting>false</EnableDotNetRemoting><DefaultUpgradeOptions/>',
			),
		).toEqual({brokerGateway: true, maxUploadSize: 500, dotNetRemoting: false, defaultUpgradeOptions: true});
		expect(read('<MaxUploadSize>many</MaxUploadSize>')?.maxUploadSize).toBe('unreadable');
		expect(parseMaintenanceSettings('<Other/>')).toBeUndefined();
	});

	test('SoftLaunchOptions.xml: options that are true, false, or cannot be read', () => {
		expect(parseSoftLaunchOptions('<SLNet><A>true</A><B>FALSE</B><C>perhaps</C></SLNet>')).toEqual({
			A: true,
			B: false,
			C: 'unreadable',
		});
		expect(parseSoftLaunchOptions('no XML')).toBeUndefined();
		expect(parseSoftLaunchOptions('<SLNet><__proto__>true</__proto__></SLNet>')).toBeUndefined();
	});

	test.each([
		['* type=GRPCConnection', false],
		['# a comment\r\n* type=GRPCConnection\r\n', false],
		['', false],
		['* type=RemotingConnection;polling=500', true],
		['* type=GRPCConnection\r\n10.0.0.1 type=RemotingConnection', true],
		['* type=RemotingConnection;serverport=8005', true],
		['* serverport=8004;polling=0', false],
	])('ConnectionSettings.txt: %j is special: %s', (text, changed) => {
		expect(parseConnectionSettings(text).changed).toBe(changed);
	});

	test('SLNet.exe.config: the port of .NET Remoting, wherever its attributes stand', () => {
		expect(parseRemotingPort('<channel port="8005" ref="tcp" name="SLNetRemoting"/>')).toBe(8005);
		expect(parseRemotingPort('<channel name="Other" port="1"/>')).toBeUndefined();
	});

	test('DMS.xml: where redirects go; users and passwords are left where they are', () => {
		const redirects = parseRedirects(
			'<DMS><Redirects><Redirect to="a" via="https://a/APIGateway" user="u" pwd="secret"/><Redirect to="b"/></Redirects></DMS>',
		);
		expect(redirects).toEqual(['https://a/APIGateway', 'without via']);
		expect(parseRedirects('<DMS/>')).toEqual([]);
	});

	test('DB.xml: active databases, and which of them is Amazon Keyspaces', () => {
		const read = (server: string) =>
			parseDatabases(
				`<DataBases><DataBase active="false" type="MySQL"/><DataBase type="CassandraCluster"><DBServer>${server}</DBServer></DataBase></DataBases>`,
			);
		expect(read('10.0.0.1')).toEqual([{type: 'CassandraCluster', keyspaces: false}]);
		expect(read('cassandra.eu-west-1.amazonaws.com')?.[0]?.keyspaces).toBe(true);
		expect(read('cassandra.us-gov-west-1.amazonaws.com,x')?.[0]?.keyspaces).toBe(true);
		expect(read('cassandra.amazonaws.com.example.org')?.[0]?.keyspaces).toBe(false);
	});

	test.each([
		['{"Endpoints":[{"IgnitionValue":"x"},{"IgnitionValue":"y","Other":1}]}', 'complete'],
		['\uFEFF{"Endpoints":[{"IgnitionValue":"x"}]}', 'complete'],
		['{"Endpoints":[]}', 'incomplete'],
		['{"Endpoints":[{"IgnitionValue":"x"},{"IgnitionValue":null}]}', 'incomplete'],
		['{"Endpoints":[{}]}', 'incomplete'],
		['{"Endpoints":{}}', undefined],
		['{', undefined],
	])('ClusterEndpoints.json: %j is %s', (text, is) => {
		expect(parseClusterEndpoints(text)).toBe(is);
	});

	test('VerifyClusterPorts.LastRun.xml: when, and whether it passed', () => {
		const read = (time: string, success: string) =>
			parsePortCheck(
				`<VerifyResult><Timestamp>${time}</Timestamp><Success>${success}</Success></VerifyResult>`,
			);
		const at = Date.UTC(2022, 2, 31, 12, 5, 4, 751);
		expect(read('2022-03-31T12:05:04.751573Z', 'true')).toEqual({at, passed: true});
		expect(read('2022-03-31T12:05:04Z', 'False')?.passed).toBe(false);
		expect(read('yesterday', 'true')).toBeUndefined();
		expect(read('2022-03-31T12:05:04Z', 'maybe')).toBeUndefined();
	});

	test('a time is UTC, or none', () => {
		expect(parseUtc('2026-03-06T10:21:32.1234567Z')).toBe(Date.UTC(2026, 2, 6, 10, 21, 32, 123));
		expect(['2026-03-06T10:21:32', '2026-13-06T10:21:32Z', '06/03/2026'].map(parseUtc)).toEqual(
			Array(3).fill(undefined),
		);
	});

	test('XML files of SRM hold objects when there is more than their root', () => {
		expect(['', '<Resources/>', '<?xml version="1.0"?><Resources></Resources>'].map(holdsObjects)).toEqual(
			Array(3).fill(false),
		);
		expect(['<Resources><Resource/></Resources>', 'something'].map(holdsObjects)).toEqual([true, true]);
	});

	test('an expired user is one with expired="true"', () => {
		expect(hasExpiredUser('<User expired="true"/>')).toBe(true);
		expect(hasExpiredUser('<User name="expired" expired="false"/>')).toBe(false);
	});
});

describe('the ports of other Agents', () => {
	const answers = (answer: string) =>
		[443, 4222, 6222, 9090].map(port => `10.0.0.2 ${port} ${answer}\r\n`).join('');

	test('are told in lines, whatever else is said between them', () => {
		const found = parseProbe(`WARNING: x\r\n${answers('open')}`, ['10.0.0.2']);
		expect(found).toHaveLength(4);
		expect(found?.[1]).toEqual({address: '10.0.0.2', port: 4222, answer: 'open'});
	});

	test('are unknown where an answer is missing', () => {
		expect(parseProbe(answers('open').replace('443', '444'), ['10.0.0.2'])).toBeUndefined();
		expect(parseProbe(answers('ajar'), ['10.0.0.2'])).toBeUndefined();
	});

	test('are asked for without a character that cmd.exe reads', () => {
		expect(probeScript(['10.0.0.2', 'dma-03.example'])).not.toMatch(/["%!^\r\n]/);
	});
});
