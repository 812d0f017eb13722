import {generateKeyPairSync, randomBytes} from 'node:crypto';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exitCodes} from '../../../../source/domain/user-error.ts';
import {HostKeyChangedError} from '../../../../source/transport/ssh/known-hosts/host-key-errors.ts';
import {hostKeyRefusal} from '../../../../source/transport/ssh/known-hosts/host-key-refusal.ts';
import {
	type HostKey,
	preferKnownTypes,
	readHostKey,
} from '../../../../source/transport/ssh/known-hosts/host-key.ts';
import {hashName, knownHostsName} from '../../../../source/transport/ssh/known-hosts/host-name.ts';
import {
	type HostKeyVerdict,
	judgeHostKey,
	knownKeyTypes,
} from '../../../../source/transport/ssh/known-hosts/judge-host-key.ts';
import {parseKnownHosts} from '../../../../source/transport/ssh/known-hosts/parse-known-hosts.ts';

function aKey(type: 'ssh-ed25519' | 'ssh-rsa' = 'ssh-ed25519'): HostKey {
	const parts = type === 'ssh-rsa' ? [Buffer.from([1, 0, 1]), randomBytes(256)] : [randomBytes(32)];
	const blob = Buffer.concat(
		[Buffer.from(type), ...parts].map(part => {
			const length = Buffer.alloc(4);
			length.writeUInt32BE(part.length);
			return Buffer.concat([length, part]);
		}),
	);
	return readHostKey(blob)!;
}

const lineOf = (names: string, {type, blob}: HostKey, before = '') =>
	`${before}${names} ${type} ${blob.toString('base64')} comment`;

const agent = {hostName: 'agent1.corp', port: 22};

function judge(
	lines: readonly string[],
	key: HostKey,
	lookup = agent as typeof agent & {hostKeyAlias?: string},
) {
	return judgeHostKey(parseKnownHosts(lines.join('\n'), '/known_hosts').entries, lookup, key);
}

describe('judging the key that a host shows', () => {
	const key = aKey();
	const other = aKey();

	test.each([
		['by its name', 'agent1.corp'],
		['in capital letters', 'AGENT1.Corp'],
		['among others', '10.0.0.1,agent1.corp'],
		['by a pattern', '*.corp'],
		['by a pattern for one character', 'agent?.corp'],
		['by a hashed name', hashName('agent1.corp', randomBytes(20))],
	])('finds it %s', (_, names) => {
		expect(judge(['', '# comment', lineOf(names, key)], key)).toMatchObject({
			kind: 'known',
			entry: {line: 3},
		});
	});

	test.each([
		['another name', 'agent2.corp'],
		['a denied name', '*.corp,!agent1.corp'],
		['another port', '[agent1.corp]:2222'],
		['another hashed name', hashName('agent2.corp', randomBytes(20))],
	])('does not take it from %s', (_, names) => {
		const verdict = judge([lineOf(names, key)], key);
		expect(verdict).toMatchObject({kind: 'unknown', otherKeys: []});
		expect(verdict.kind === 'unknown' && verdict.sameKey.map(({line}) => line)).toEqual([1]);
	});

	test('another port has a name of its own', () => {
		const lookup = {hostName: 'Agent1.corp', port: 2222};
		expect(knownHostsName(lookup)).toBe('[agent1.corp]:2222');
		expect(judge([lineOf('[agent1.corp]:2222', key)], key, lookup).kind).toBe('known');
		expect(judge([lineOf('[agent1.corp]:*', key)], key, lookup).kind).toBe('known');
	});

	test('a key that is known without a port is good for every port, another one there changes nothing', () => {
		const lookup = {hostName: 'agent1.corp', port: 2222};
		expect(judge([lineOf('agent1.corp', key)], key, lookup).kind).toBe('known');
		expect(judge([lineOf('agent1.corp', other)], key, lookup)).toMatchObject({
			kind: 'unknown',
			otherKeys: [{key: {blob: other.blob}}],
		});
	});

	test('an alias stands for name and port', () => {
		const lookup = {hostName: 'agent1.corp', port: 2222, hostKeyAlias: 'Alias'};
		expect(judge([lineOf('alias', key)], key, lookup).kind).toBe('known');
		expect(judge([lineOf('agent1.corp', key), lineOf('[agent1.corp]:2222', key)], key, lookup).kind).toBe(
			'unknown',
		);
	});

	test('another key for the host is a changed one, of whichever type', () => {
		expect(judge([lineOf('agent1.corp', other)], key)).toMatchObject({kind: 'changed', entry: {line: 1}});
		expect(judge([lineOf('agent1.corp', aKey('ssh-rsa'))], key).kind).toBe('changed');
		expect(judge([lineOf('agent1.corp', other), lineOf('agent1.corp', key)], key).kind).toBe('known');
	});

	test('a revoked key is refused, whatever else is known of it', () => {
		const revoked = lineOf('*', key, '@revoked ');
		expect(judge([lineOf('agent1.corp', key), revoked], key)).toMatchObject({
			kind: 'revoked',
			entry: {line: 2},
		});
		expect(judge([revoked], key, {hostName: 'agent1.corp', port: 2222}).kind).toBe('revoked');
		expect(judge([lineOf('other', key, '@revoked ')], key).kind).toBe('unknown');
		expect(judge([lineOf('*', other, '@revoked ')], key).kind).toBe('unknown');
	});

	test('an authority alone is not enough, and does not make a known key unknown', () => {
		const authority = lineOf('*.corp', other, '@cert-authority ');
		expect(judge([authority], key)).toMatchObject({kind: 'authority', entry: {line: 1}});
		expect(judge([authority, lineOf('agent1.corp', key)], key).kind).toBe('known');
		expect(judge([authority], key, {hostName: 'elsewhere', port: 22}).kind).toBe('unknown');
		// The authority's own key is no key of the host.
		expect(judge([authority], other).kind).toBe('authority');
	});

	test('damaged lines count as if they were not there, and are counted', () => {
		const encoded = key.blob.toString('base64');
		const lines = [
			'agent1.corp',
			'agent1.corp ssh-ed25519',
			`agent1.corp ssh-rsa ${encoded}`,
			`agent1.corp ssh-ed25519 ${encoded.slice(4)}`,
			`agent1.corp ssh-ed25519 ${encoded.slice(0, -4)}`,
			`agent1.corp ssh-new ${encoded}`,
			'agent1.corp 1024 35 1234567890',
			`@unknown agent1.corp ssh-ed25519 ${encoded}`,
			`@revoked @revoked agent1.corp ssh-ed25519 ${encoded}`,
			`|1|short|short ssh-ed25519 ${encoded}`,
			'   # comment',
			'\t',
			`  agent1.corp\t ssh-ed25519 \t${encoded}\r`,
		];
		const {entries, badLines} = parseKnownHosts(lines.join('\n'), '/known_hosts');
		expect(badLines).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		expect(entries.map(({line}) => line)).toEqual([13]);
	});

	test('whatever a file and a key hold, there is a verdict', () => {
		const piece = fc.oneof(
			fc.constantFrom(
				'agent1.corp',
				'@revoked',
				'@cert-authority',
				'|1|',
				' ',
				'\n',
				'\t',
				'*',
				'!',
				',',
				'#',
				'|',
				'=',
			),
			fc.constant(lineOf('agent1.corp', key)),
			fc.constant(key.blob.toString('base64')),
			fc.string(),
		);
		fc.assert(
			fc.property(fc.array(piece), fc.uint8Array(), (pieces, bytes) => {
				const verdict = judge([pieces.join('')], readHostKey(Buffer.from(bytes)) ?? key);
				expect(['known', 'unknown', 'changed', 'revoked', 'authority']).toContain(verdict.kind);
			}),
		);
	});

	test('a key is known under exactly the names of its line', () => {
		const name = fc.stringMatching(/^[a-z\d.-]{1,12}$/);
		fc.assert(
			fc.property(
				fc.array(name, {minLength: 1, maxLength: 4}),
				name,
				fc.boolean(),
				(names, asked, hashed) => {
					const lines = hashed
						? names.map(each => lineOf(hashName(each, randomBytes(20)), key))
						: [lineOf(names.join(','), key)];
					const {kind} = judge(lines, key, {hostName: asked, port: 22});
					expect(kind).toBe(names.includes(asked) ? 'known' : 'unknown');
				},
			),
		);
	});
});

describe('which key is asked for first', () => {
	const algorithms = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];
	const order = (...types: string[]) => preferKnownTypes(algorithms, new Set(types));

	test('the types that are known come first, otherwise in the usual order', () => {
		expect(order('ssh-rsa')).toEqual([
			'rsa-sha2-512',
			'rsa-sha2-256',
			'ssh-rsa',
			'ssh-ed25519',
			'ecdsa-sha2-nistp256',
		]);
		expect(order('ssh-rsa', 'ecdsa-sha2-nistp256').slice(0, 2)).toEqual([
			'ecdsa-sha2-nistp256',
			'rsa-sha2-512',
		]);
	});

	test('where the best type is known, or none, nothing changes', () => {
		expect(order('ssh-rsa', 'ssh-ed25519')).toEqual(algorithms);
		expect(order()).toEqual(algorithms);
	});

	test('only keys of the host itself count, with its port or else without', () => {
		const lines = [
			lineOf('agent1.corp', aKey('ssh-rsa')),
			lineOf('[agent1.corp]:2222', aKey()),
			lineOf('agent1.corp', aKey(), '@cert-authority '),
			lineOf('other', aKey()),
		];
		const {entries} = parseKnownHosts(lines.join('\n'), '/known_hosts');
		const types = (port: number) => [...knownKeyTypes(entries, {hostName: 'agent1.corp', port})];
		expect(types(22)).toEqual(['ssh-rsa']);
		expect(types(2222)).toEqual(['ssh-ed25519']);
		expect(types(2223)).toEqual(['ssh-rsa']);
		expect([...knownKeyTypes(entries, {hostName: 'unheard-of', port: 22})]).toEqual([]);
	});
});

describe('what is said of a key that is not trusted', () => {
	const key = aKey();
	const [entry, pattern, hashed] = parseKnownHosts(
		[lineOf('agent1', aKey()), lineOf('*.corp', aKey()), lineOf(hashName('x', randomBytes(20)), key)].join(
			'\n',
		),
		'/home/ann/.ssh/known_hosts',
	).entries;

	test('changed: both keys, the line, that nothing was sent, and the way out', () => {
		const error = new HostKeyChangedError('agent1', '[agent1]:2222', entry!, key);
		expect(error).toMatchObject({code: 'HOST_KEY_CHANGED', exitCode: exitCodes.unreachable});
		expect(error.message).toMatch(
			/^agent1 shows the host key ssh-ed25519 SHA256:\S{43}, but \/home\/ann\/\.ssh\/known_hosts:1 knows it by ssh-ed25519 SHA256:\S{43}\. .*Nothing was sent\.$/,
		);
		expect(error.nextSteps[1]).toContain('ssh-keygen -R "[agent1]:2222" -f "/home/ann/.ssh/known_hosts"');
		// A line for many hosts is nothing that ssh-keygen takes out.
		expect(new HostKeyChangedError('a.corp', 'a.corp', pattern!, key).nextSteps[1]).toContain(
			'take line 2 out of',
		);
	});

	test('revoked, unknown and known by an authority only; nothing is said of a known one', () => {
		const refusal = (verdict: HostKeyVerdict) => hostKeyRefusal(verdict, 'agent1', agent, key);
		const errors = [
			refusal({kind: 'changed', entry: entry!}),
			refusal({kind: 'unknown', sameKey: [entry!, hashed!], otherKeys: []}),
			refusal({kind: 'revoked', entry: entry!}),
			refusal({kind: 'authority', entry: entry!}),
		].map(error => error!);
		expect(refusal({kind: 'known', entry: entry!})).toBeUndefined();
		expect(errors.map(({code}) => code)).toEqual([
			'HOST_KEY_CHANGED',
			'HOST_KEY_UNKNOWN',
			'HOST_KEY_REVOKED',
			'HOST_KEY_AUTHORITY',
		]);
		for (const error of errors) {
			expect(error.exitCode).toBe(5);
			expect(error.message).toContain('known_hosts:');
			expect(error.message).toMatch(/Nothing was sent\.$/);
			expect(error.nextSteps.length).toBeGreaterThan(1);
		}

		expect(errors[1]!.message).toContain('the key of agent1 (/home/ann/.ssh/known_hosts:1), a hashed name (');
	});
});

test('a key of node:crypto in the wire form is read, and half of one is not', () => {
	const {publicKey} = generateKeyPairSync('ed25519');
	const raw = publicKey.export({type: 'spki', format: 'der'}).subarray(-32);
	const blob = Buffer.concat([Buffer.from('\0\0\0\vssh-ed25519\0\0\0 ', 'latin1'), raw]);
	expect(readHostKey(blob)?.type).toBe('ssh-ed25519');
	expect(readHostKey(blob.subarray(0, -1))).toBeUndefined();
	expect(readHostKey(Buffer.concat([blob, Buffer.alloc(1)]))).toBeUndefined();
	expect(readHostKey(Buffer.alloc(0))).toBeUndefined();
});
