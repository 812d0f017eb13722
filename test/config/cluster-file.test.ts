import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {ClusterFileError} from '../../source/config/cluster-file-error.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {type Inventory, inventorySchema} from '../../source/config/inventory.ts';
import {UserError} from '../../source/domain/user-error.ts';
import {clusterLists} from '../support/a-cluster-file.ts';

const hostKey = `SHA256:${'A'.repeat(43)}`;

function refusalOf(text: string): ClusterFileError {
	try {
		parseClusterFile(text, 'clusters.yaml');
	} catch (error) {
		if (error instanceof ClusterFileError) {
			return error;
		}

		throw error;
	}

	throw new Error('It was accepted.');
}

describe('a file of clusters', () => {
	test('names clusters and their Agents; what stands above the Agents counts for all that say nothing else', () => {
		const text = [
			'# Ours',
			'clusters:',
			'  Headend:',
			'    user: Administrator',
			'    port: 2222',
			'    tokenFile: token',
			'    agents:',
			'      - name: DMA-01',
			'        address: 10.4.2.92',
			'      - {name: DMA-02A, address: dma2a.example, user: edith, partner: DMA-02B}',
			`      - {name: DMA-02B, address: dma2b.example, port: 22, partner: DMA-02A, hostKey: "${hostKey}"}`,
			'  Test system: {agents: [{name: T, address: "::1"}]}',
		].join('\n');
		expect(parseClusterFile(text, 'clusters.yaml')).toEqual([
			{
				cluster: 'Headend',
				speed: 1,
				agents: [
					{name: 'DMA-01', address: '10.4.2.92', user: 'Administrator', port: 2222, tokenFile: 'token'},
					{
						name: 'DMA-02A',
						address: 'dma2a.example',
						user: 'edith',
						port: 2222,
						tokenFile: 'token',
						partner: 'DMA-02B',
					},
					{
						name: 'DMA-02B',
						address: 'dma2b.example',
						user: 'Administrator',
						port: 22,
						tokenFile: 'token',
						partner: 'DMA-02A',
						hostKey,
					},
				],
			},
			{cluster: 'Test system', speed: 1, agents: [{name: 'T', address: '::1'}]},
		]);
	});

	test('may be the inventory of one cluster in JSON, as the lab prints it', () => {
		const inventory = inventorySchema.parse({
			cluster: 'Practice',
			speed: 120,
			packages: '/tmp/packages',
			agents: [
				{name: 'A', address: '127.10.0.11', port: 40_123, user: 'Administrator', identityFile: '/k', hostKey},
			],
		});
		for (const indent of [undefined, '\t']) {
			expect(parseClusterFile(JSON.stringify(inventory, null, indent), 'lab.json')).toEqual([inventory]);
		}
	});

	test('may refer to what stands in it already', () => {
		const text =
			'clusters:\n  A: {agents: [{name: a, address: &where 10.0.0.1}]}\n  B: {agents: [{name: b, address: *where}]}\n';
		expect(parseClusterFile(text, 'f')[1]?.agents[0]?.address).toBe('10.0.0.1');
	});
});

const agents = (...lines: readonly string[]) => ['clusters:', '  A:', '    agents:', ...lines].join('\n');

describe('a mistake in it is told with its place, its cause and what to do', () => {
	test.each<[mistake: string, text: string, place: string, cause: string, remedy: string]>([
		[
			'a misspelt key',
			agents('      - name: x', '        adress: h'),
			'5:9',
			'there is no “adress” in Agent 1 of A',
			'Did you mean “address”?',
		],
		[
			'what others call it',
			agents('      - name: x', '        ip: h'),
			'5:9',
			'there is no “ip” in Agent 1 of A',
			'Did you mean “address”?',
		],
		[
			'a key that resembles none',
			agents('      - {name: x, address: h, colour: red}'),
			'4:31',
			'there is no “colour” in Agent 1 of A',
			'Remove it, or choose among name, address,',
		],
		[
			'a key that is missing',
			agents('      - name: x'),
			'4:9',
			'Agent 1 of A has no “address”',
			'Add “address: …” there.',
		],
		[
			'a number in quotes',
			agents('      - name: x', '        address: h', '        port: "22"'),
			'6:15',
			'port of Agent 1 of A: a number is expected, and this is text',
			'without quotes',
		],
		[
			'a name that YAML reads as a number',
			agents('      - name: 101', '        address: h'),
			'4:15',
			'name of Agent 1 of A: text is expected, and this is a number',
			'Put it in quotes.',
		],
		[
			'a port that does not exist',
			agents('      - {name: x, address: h, port: 70000}'),
			'4:37',
			'port of Agent 1 of A: ports end at 65535',
			'port of the SSH server',
		],
		[
			'no list',
			agents().replace('agents:', 'agents: x'),
			'3:13',
			'agents of A: a list is expected, and this is text',
			'“- ”',
		],
		[
			'an empty list',
			agents().replace('agents:', 'agents: []'),
			'3:13',
			'agents of A: there must be at least one Agent',
			'“- ”',
		],
		[
			'nothing where Agents should be',
			agents(),
			'3:12',
			'agents of A: a list is expected, and this is nothing',
			'“- ”',
		],
		[
			'two Agents of one name',
			agents('      - {name: x, address: h}', '      - {name: x, address: i}'),
			'5:16',
			'name of Agent 2 of A: there is an Agent x already',
			'a name of its own',
		],
		[
			'one Agent twice',
			agents('      - {name: x, address: h}', '      - {name: y, address: H}'),
			'5:28',
			'x has this address already',
			'own host name or IP address',
		],
		[
			'a partner that does not agree',
			agents('      - {name: x, address: h, partner: y}', '      - {name: y, address: i}'),
			'4:40',
			'y is not an Agent that names x as its partner',
			'both Agents of the pair',
		],
		[
			'user and address in one',
			agents('      - {name: x, address: edith@h}'),
			'4:28',
			'a host name or an IP address is expected',
			'without user and port',
		],
		[
			'the key itself',
			agents(
				'      - name: x',
				'        address: h',
				'        identityFile: |',
				'          -----BEGIN',
				'          KEY',
			),
			'6:23',
			'identityFile of Agent 1 of A: control characters',
			'not the key',
		],
		[
			'no such launch',
			agents('      - {name: x, address: h, launch: service}'),
			'4:39',
			'launch of Agent 1 of A',
			'“task” or “direct”',
		],
		[
			'a password',
			agents('      - {name: x, address: h, password: secret}'),
			'4:31',
			'“password” has no place here',
			'identityFile',
		],
		[
			'a password anywhere',
			'x:\n  - y: {Pass-Phrase: secret}\n',
			'2:9',
			'“Pass-Phrase” has no place here',
			'ssh-agent',
		],
		[
			'a key that stands twice',
			agents('      - {name: x, address: h, name: y}'),
			'4:31',
			'“name” stands here for the second time, after line 4',
			'Remove one',
		],
		['a key that is no text', 'clusters:\n  1.10: {}\n', '2:3', 'a key must be text', 'in quotes'],
		['a tab', agents('\t- name: x'), '4:1', 'a tab begins this line', 'blanks'],
		[
			'a colon in a text',
			agents('      - name: x: y'),
			'4:15',
			'a key and its value are not told apart',
			'in quotes',
		],
		[
			'a quote that is not closed',
			agents('      - name: "x'),
			'4:17',
			'something is not finished here',
			'Add it',
		],
		[
			'a second document',
			`${agents('      - {name: x, address: h}')}\n---\nx: 1\n`,
			'5:1',
			'a second document',
			'one document',
		],
		['a tag', 'clusters: !cluster {}', '1:11', 'a tag such as !this', 'in quotes'],
		[
			'a reference to nothing',
			agents('      - name: *x'),
			'4:15',
			'names nothing that stands before it',
			'in quotes',
		],
		[
			'a hostile name',
			'clusters:\n  "a\\e[2J": {agents: []}\n',
			'2:3',
			'this is no name for a cluster',
			'another name',
		],
		[
			'another top',
			'cluster:\n  A: {}\n',
			'1:1',
			'there is no “cluster” at the top of it',
			'Did you mean “clusters”?',
		],
		['no top', '- a\n', '1:1', 'it does not begin with “clusters:”', 'clusters: {'],
		['no cluster', 'clusters: {}\n', '1:11', 'there is no cluster in it', 'clusters: {'],
		['nothing', '', '1:1', 'there is nothing in it', 'clusters: {'],
		['an empty mapping', '{}', '1:1', 'there is nothing in it', 'clusters: {'],
		[
			'a mistake in an inventory in JSON',
			'{"cluster": "P",\n"agents": [{"name": "a", "address": "b", "prt": 3}]}',
			'2:42',
			'there is no “prt” in Agent 1',
			'Did you mean “port”?',
		],
	])('%s', (_, text, place, cause, remedy) => {
		const {problems, message, nextSteps} = refusalOf(text);
		const [first] = problems;
		expect(`${first?.place?.line}:${first?.place?.column}`).toBe(place);
		expect(first?.cause).toContain(cause);
		expect(first?.remedy).toContain(remedy);
		expect(message).toBe(
			`clusters.yaml, line ${first?.place?.line}, column ${first?.place?.column}: ${first?.cause}.`,
		);
		expect(nextSteps[0]).toBe(first?.remedy);
	});

	test('several are told at once, in the order of the file', () => {
		const {problems, nextSteps} = refusalOf(
			agents(
				'      - name: x',
				'        adress: h',
				'        port: high',
				'      - nam: y',
				'        address: i',
			),
		);
		expect(problems.map(({place}) => place?.line)).toEqual([5, 6, 7]);
		expect(nextSteps[1]).toMatch(/^Also line 6, column 15: port of Agent 1 of A: a number is expected/);
	});

	test('no secret and no control character of the file gets into the message', () => {
		const {message, nextSteps} = refusalOf(
			'clusters:\n  A: {"pw\\e[31m": 1, password: hunter2, agents: [{"\\e]0;x\\a": 1}]}\n',
		);
		const told = [message, ...nextSteps].join('\n');
		expect(told).not.toContain('hunter2');
		expect(told).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
	});
});

describe('a file that was made to do harm', () => {
	const bomb = [
		'a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]',
		...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => {
			const before = String.fromCharCode(name.charCodeAt(0) - 1);
			return `${name}: &${name} [${Array.from({length: 9}, () => `*${before}`).join(', ')}] # ${index}`;
		}),
	].join('\n');

	test.each<[string, string]>([
		['references to references', bomb],
		['a reference to itself', 'clusters: &a {A: *a}'],
		['brackets in brackets', '['.repeat(60_000)],
		['maps in maps', '{'.repeat(60_000)],
		['lists in lists', '- '.repeat(60_000)],
		['many keys', Array.from({length: 30_000}, (_, index) => `k${index}: 1`).join('\n')],
		['many mistakes', agents('      - {nme: 1}\n'.repeat(1000))],
		['the prototype', 'clusters:\n  __proto__: {agents: [{name: a, address: h}]}\n'],
	])('%s', (_, text) => {
		const {message, nextSteps} = refusalOf(text);
		expect([message, ...nextSteps].join('\n').length).toBeLessThan(5000);
	});

	test('whatever stands in a file, it is read or refused with a reason', () => {
		const pieces = fc.constantFrom(
			...[
				'clusters',
				': ',
				':',
				'\n',
				'  ',
				'\t',
				'- ',
				'{',
				'}',
				'[',
				']',
				',',
				'&a ',
				'*a',
				'"',
				"'",
				'|',
				'>',
				'!!',
				'?',
				'%',
				'#',
				'---',
				'\n    agents:\n      - ',
				'name: ',
				'address: h',
				'<<',
				'\u0000',
				'\uFEFF',
				'\uD800',
			],
		);
		const texts = fc.oneof(
			fc.array(fc.oneof(pieces, fc.string({maxLength: 4})), {maxLength: 60}).map(parts => parts.join('')),
			fc.string({unit: 'binary', maxLength: 200}),
			fc.uint8Array({maxLength: 200}).map(bytes => new TextDecoder().decode(bytes)),
		);
		fc.assert(
			fc.property(texts, text => {
				try {
					expect(parseClusterFile(text, 'f').length).toBeGreaterThan(0);
				} catch (error) {
					expect(error).toBeInstanceOf(UserError);
					expect((error as UserError).nextSteps.length).toBeGreaterThan(0);
					expect((error as UserError).message).not.toMatch(/[\u0000-\u001F]|Unexpected|undefined/);
				}
			}),
			{numRuns: 2000},
		);
	});
});

test('whatever clusters there are, what is printed is read back the same', () => {
	fc.assert(
		fc.property(clusterLists, (clusters: readonly Inventory[]) => {
			const text = clusterFileText(clusters);
			expect(parseClusterFile(text, 'f')).toEqual(clusters);
			expect(parseClusterFile(JSON.stringify(clusters[0]), 'f')).toEqual([clusters[0]]);
		}),
		{numRuns: 300},
	);
});
