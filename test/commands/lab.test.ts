import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {PassThrough} from 'node:stream';
import {describe, expect, onTestFinished, test} from 'vitest';
import {labCommand} from '../../source/commands/lab.ts';
import {labHttpOf} from '../../source/commands/lab-http.ts';
import type {LabCommandOptions} from '../../source/commands/lab.ts';
import {inventorySchema} from '../../source/config/inventory.ts';

/** Starts the command within this process and waits for what it prints. */
async function started(options: Partial<LabCommandOptions> = {}) {
	const {promise: printed, resolve} = Promise.withResolvers<string>();
	const end = new AbortController();
	onTestFinished(() => end.abort());
	let notice = '';
	const ended = labCommand({
		agents: 2,
		speed: 1000,
		write: resolve,
		notice: text => (notice += text),
		signal: end.signal,
		...options,
	});
	const text = await Promise.race([printed, ended.then(() => 'It ended.')]);
	return {text, inventory: inventorySchema.parse(JSON.parse(text)), notice: () => notice, end, ended};
}

describe('the lab command', () => {
	test('prints an inventory for people and says how to use it', async () => {
		const {text, inventory, notice, end, ended} = await started();
		expect(text).toContain('\n\t"cluster": "Practice"');
		expect(notice()).toContain('ssh -i');
		expect(notice()).toContain('Full Upgrade.dmupgrade');
		const folder = path.dirname(inventory.packages!);
		expect(existsSync(folder)).toBe(true);
		end.abort();
		expect(await ended).toBe(0);
		expect(existsSync(folder)).toBe(false);
	});

	test('prints it on one line for programs', async () => {
		const {text} = await started({json: true});
		expect(text.trimEnd()).not.toContain('\n');
		expect(text.endsWith('\n')).toBe(true);
	});

	test('has Agents behind HTTP, and says how to look at them with curl', async () => {
		const {inventory, notice} = await started({pairs: 1, http: await labHttpOf('DMA-01B')});
		expect(inventory.agents.map(({name, service}) => [name, service !== undefined])).toEqual([
			['DMA-01A', false],
			['DMA-01B', true],
		]);
		const {tokenFile, address, service} = inventory.agents[1]!;
		expect(notice()).toContain(
			`"Authorization: Bearer $(cat ${tokenFile})" https://${address}:${service!.port}/v1/status`,
		);
	});

	test.each([
		['all', 'all'],
		['half', 'half'],
		['DMA-01', ['DMA-01']],
		['DMA-01, DMA-02', ['DMA-01', 'DMA-02']],
	])('takes --http %s', async (text, agents) => {
		expect(await labHttpOf(text)).toMatchObject({agents});
	});

	test.each(['', ',', 'DMA-01,'])('does not take --http “%s”', async text => {
		await expect(labHttpOf(text)).rejects.toThrow('--http does not say which Agents');
	});

	test('ends some time after its standard input, where it was told so', async () => {
		const stdin = new PassThrough();
		const {ended} = await started({untilStdinCloses: true, stdin, linger: {unused: 0}});
		stdin.end();
		expect(await ended).toBe(0);
	});

	test('does not start for nobody', async () => {
		const gone = new AbortController();
		gone.abort();
		expect(await labCommand({agents: 1, write: () => undefined, signal: gone.signal})).toBe(0);
	});

	test('passes on what is wrong with a fault', async () => {
		await expect(labCommand({agents: 1, faults: ['nothing'], write: () => undefined})).rejects.toMatchObject({
			code: 'UNKNOWN_FAULT',
		});
	});

	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	test.skipIf(process.platform === 'win32').each(signals)('ends cleanly at %s', async signal => {
		const script = `
			import {labCommand} from ${JSON.stringify(path.resolve('source/commands/lab.ts'))};
			process.exitCode = await labCommand({agents: 1, json: true, write: text => process.stdout.write(text)});
		`;
		const child = spawn(
			process.execPath,
			['--experimental-transform-types', '--no-warnings', '--input-type=module-typescript', '-e', script],
			{stdio: ['ignore', 'pipe', 'inherit']},
		);
		onTestFinished(() => void child.kill('SIGKILL'));
		const closed = once(child, 'close');
		const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string];
		const folder = path.dirname(inventorySchema.parse(JSON.parse(line)).packages!);
		child.kill(signal);
		expect(await closed).toEqual([0, null]);
		expect(existsSync(folder)).toBe(false);
	});
});
