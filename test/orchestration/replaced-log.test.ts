import {appendFile, readFile, readdir, rename, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {describe} from 'vitest';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {test} from '../support/practice-test.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

async function logOf(lab: Lab, agent: string): Promise<string> {
	const packages = join(lab.folder, agent, 'C', 'Skyline DataMiner', 'Upgrades', 'Packages');
	const folder = (await readdir(packages)).find(name => name.startsWith(basename(lab.packages.full)));
	return join(packages, folder ?? '', 'progress.log');
}

const linesOf = (text: string) =>
	text
		.split('\r\n')
		.filter(line => line !== '')
		.map(line => line.split('|').at(-1));

/** What becomes of a log while the way to its Agent is lost. */
const fates: readonly (readonly [string, (file: string) => Promise<void>])[] = [
	[
		'goes on',
		async file => {
			await appendFile(file, '127.0.0.1|2026-01-15 00:00:00|information|While nobody was listening.\r\n');
		},
	],
	[
		'is replaced by a longer one',
		async file => {
			const {length} = await readFile(file);
			const line = (number: number) => `127.0.0.1|2026-01-15 00:00:00|information|Anew, line ${number}.\r\n`;
			const content = Array.from({length: Math.ceil((length * 2) / line(1).length)}, (_, index) =>
				line(index),
			);
			await writeFile(`${file}.new`, content.join(''));
			await rename(`${file}.new`, file);
		},
	],
	[
		'is replaced by a shorter one',
		async file => {
			await writeFile(`${file}.new`, '127.0.0.1|2026-01-15 00:00:00|information|Anew.\r\n');
			await rename(`${file}.new`, file);
		},
	],
];

// Most of the time goes by in waiting for the Agents.
describe.concurrent('a log that, while the way to its Agent is lost,', () => {
	test.for(fates)('%s, is read from where it has to be', async ([, meet], {practise, expect}) => {
		const {lab, session, upgrade} = await practise({agents: 1, pairs: 0});
		/** All of the log that was heard before. */
		let before: string | undefined;
		spoilConnection(session, 'DMA-01', real => ({
			async *followProgress(receipt, options) {
				let heard = 0;
				for await (const followed of real.followProgress(receipt, options)) {
					yield followed;
					heard += 1;
					if (heard >= 6 && before === undefined) {
						const file = await logOf(lab, 'DMA-01');
						before = (await readFile(file)).subarray(0, followed.nextOffset).toString();
						await meet(file);
						throw new ConnectionLostError('127.0.0.1', 'following the log');
					}
				}
			},
		}));
		const run = await upgrade(lab.packages.full);
		expect(run.outcome).toBe('done');
		const heard = run.events.flatMap(event =>
			event.type === 'agent.progressed' ? [event.line.message] : [],
		);
		const after = await readFile(await logOf(lab, 'DMA-01'), 'utf8');
		expect(heard.length).toBeGreaterThan(6);
		const goesOn = after.startsWith(before ?? '');
		expect(heard).toEqual(goesOn ? linesOf(after) : [...linesOf(before ?? ''), ...linesOf(after)]);
	});
});
