import {describe, expect, test} from 'vitest';
import {parseCertutilHash} from '../../source/agent/certutil.ts';
import {parseDiskFree} from '../../source/agent/disk-free.ts';
import {parseTaskQuery} from '../../source/agent/scheduled-task.ts';
import {parseServiceQuery} from '../../source/agent/service-query.ts';

const service = (state: string, pid: string, labels = {type: 'TYPE', state: 'STATE'}) =>
	[
		'',
		'SERVICE_NAME: SLDataMiner',
		`        ${labels.type}               : 10  WIN32_OWN_PROCESS  `,
		`        ${labels.state}              : ${state} `,
		'                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)',
		'        WIN32_EXIT_CODE    : 0  (0x0)',
		'        SERVICE_EXIT_CODE  : 0  (0x0)',
		'        CHECKPOINT         : 0x0',
		'        WAIT_HINT          : 0x0',
		`        PID                : ${pid}`,
		'        FLAGS              : ',
		'',
	].join('\r\n');

describe('sc.exe queryex', () => {
	test('tells state and process', () => {
		expect(parseServiceQuery(service('4  RUNNING', '4242'))).toEqual({state: 'running', processId: 4242});
		expect(parseServiceQuery(service('1  STOPPED', '0'))).toEqual({state: 'stopped'});
		expect(parseServiceQuery(service('2  START_PENDING', '17'))?.state).toBe('starting');
		expect(parseServiceQuery(service('3  STOP_PENDING', '17'))?.state).toBe('stopping');
		expect(parseServiceQuery(service('7  PAUSED', '17'))?.state).toBe('other');
	});

	test('is read in any language', () => {
		const german = service('4  RUNNING', '4242', {type: 'TYP', state: 'STATUS'});
		expect(parseServiceQuery(german)).toEqual({state: 'running', processId: 4242});
	});

	test.each(['', 'Access is denied.', 'SERVICE_NAME: x\r\n'])('may say something else: %j', output => {
		expect(parseServiceQuery(output)).toBeUndefined();
	});
});

describe('fsutil.exe volume diskfree', () => {
	test.each([
		[
			'Total free bytes                : 62,277,025,792 ( 58.0 GB)\r\nTotal bytes : 1,000\r\n',
			62_277_025_792,
		],
		['Total # of free bytes        : 62277025792\r\n', 62_277_025_792],
		['Freie Bytes gesamt : 62.277.025.792\r\nBytes gesamt : 1.000\r\n', 62_277_025_792],
		['Nombre total d’octets libres : 62\u00A0277\uFFFD025 792 (58,0 Go)\r\n', 62_277_025_792],
		['Total free bytes : 0\r\n', 0],
	])('tells the free bytes: %j', (output, free) => {
		expect(parseDiskFree(output)).toBe(free);
	});

	test.each(['', 'Error:  Access is denied.', ': 99999999999999999999999'])(
		'may say something else: %j',
		output => {
			expect(parseDiskFree(output)).toBeUndefined();
		},
	);
});

describe('certutil.exe -hashfile', () => {
	const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

	test('tells the hash, with blanks or without', () => {
		const around = (line: string) =>
			`SHA256 hash of C:\\a b.dmupgrade:\r\n${line}\r\nCertUtil: -hashfile command completed successfully.\r\n`;
		expect(parseCertutilHash(around(hash.toUpperCase()))).toBe(hash);
		expect(parseCertutilHash(around(hash.replaceAll(/../g, '$& ').trim()))).toBe(hash);
	});

	test('may say something else', () => {
		expect(parseCertutilHash('CertUtil: The system cannot find the file specified.')).toBeUndefined();
		expect(parseCertutilHash(hash.slice(1))).toBeUndefined();
		expect(parseCertutilHash('')).toBeUndefined();
	});
});

describe('schtasks.exe /query', () => {
	const row = (status: string, result: string) =>
		`"SRV1","\\dms-upgrade run-1","N/A","${status}","Interactive/Background","30/11/1999 00:00:00","${result}","me, ""us""","C:\\x.exe -upgrade ""C:\\a b""","N/A"\r\n`;

	test('tells the state by its number', () => {
		expect(parseTaskQuery(row('Running', '267009'))).toEqual({state: 'running'});
		expect(parseTaskQuery(row('Ready', '267011'))).toEqual({state: 'never run'});
		expect(parseTaskQuery(row('Queued', '267045'))).toEqual({state: 'running'});
		expect(parseTaskQuery(row('Ready', '267008'))).toEqual({state: 'never run'});
		expect(parseTaskQuery(row('Bereit', '0'))).toEqual({state: 'ended', result: 0});
		expect(parseTaskQuery(row('Bereit', '1'))).toEqual({state: 'ended', result: 1});
		expect(parseTaskQuery(row('Bereit', '-2147024894'))).toEqual({state: 'ended', result: 0x80070002});
	});

	test('may say something else', () => {
		expect(parseTaskQuery('')).toBeUndefined();
		expect(parseTaskQuery('ERROR: The system cannot find the file specified.')).toBeUndefined();
		expect(parseTaskQuery('"a","b"')).toBeUndefined();
		expect(parseTaskQuery('"'.repeat(10_001))).toBeUndefined();
	});
});
