import {afterEach, describe, expect, test} from 'vitest';
import type {RunFact, RunRequest} from '../../source/domain/run-event.ts';
import {
	type JournalReader,
	type JournalWriter,
	mostEventsAtOnce,
	newestSequence,
} from '../../source/journal/journal.ts';
import {edith, kim} from './a-run.ts';
import {eventually} from './eventually.ts';

/** Both ends of the journal of one run. The writer's clock stands at `now`. */
export interface OpenedJournal {
	readonly writer: JournalWriter;
	readonly reader: JournalReader;
	/** The one who comes after the writer: for a journal that outlives it, another one. */
	readonly nextWriter: () => JournalWriter;
	readonly close: () => void;
}

export const now = Date.UTC(2026, 2, 6, 22, 0, 0);

export const note = (text: string): RunFact => ({type: 'note', text});
const stop: RunRequest = {kind: 'stop', operator: edith};
const retry: RunRequest = {kind: 'retry', operator: kim};

/** What everybody may expect of a journal, wherever it keeps its events. */
export function describeJournal(name: string, open: () => OpenedJournal): void {
	describe(name, () => {
		const opened: OpenedJournal[] = [];

		function journal(): OpenedJournal {
			const ends = open();
			opened.push(ends);
			return ends;
		}

		afterEach(() => {
			for (const {close} of opened.splice(0)) {
				close();
			}
		});

		test('facts get their place and time, and are given back as they are kept', async () => {
			const {writer, reader} = journal();
			expect(await writer.append(note('a'), note('b'))).toEqual([
				{type: 'note', text: 'a', sequence: 1, at: now},
				{type: 'note', text: 'b', sequence: 2, at: now},
			]);
			await writer.append(note('c'));
			expect(reader.read(0)).toEqual([
				{type: 'note', text: 'a', sequence: 1, at: now},
				{type: 'note', text: 'b', sequence: 2, at: now},
				{type: 'note', text: 'c', sequence: 3, at: now},
			]);
		});

		test('what an event says comes back unchanged, whatever characters it has', async () => {
			const {writer, reader} = journal();
			const text = 'Zürich "日本" \u0000\u001B[2J\n\\ 😀 \u2028';
			await writer.append({type: 'note', agent: "DMA'; DROP TABLE events; --", text});
			expect(reader.read(0)).toMatchObject([{agent: "DMA'; DROP TABLE events; --", text}]);
		});

		test('it is read from any place on, and beyond its end there is nothing', async () => {
			const {writer, reader} = journal();
			expect(reader.read(0)).toEqual([]);
			await writer.append(note('a'), note('b'), note('c'));
			expect(reader.read(1).map(({sequence}) => sequence)).toEqual([2, 3]);
			expect(reader.read(3)).toEqual([]);
			expect(reader.read(40)).toEqual([]);
		});

		test('a long run is read in parts, each at most as long as everybody reckons with', async () => {
			const {writer, reader} = journal();
			const count = mostEventsAtOnce + 3;
			await writer.append(...Array.from({length: count}, (_, index) => note(String(index))));
			expect(reader.read(0)).toHaveLength(mostEventsAtOnce);
			expect(reader.read(mostEventsAtOnce).map(({sequence}) => sequence)).toEqual([
				count - 2,
				count - 1,
				count,
			]);
			expect(newestSequence(reader)).toBe(count);
		});

		test('appends that nobody waits for keep their order', async () => {
			const {writer, reader} = journal();
			const texts = Array.from({length: 50}, (_, index) => String(index));
			await Promise.all(texts.map(text => writer.append(note(text), note(text))));
			expect(reader.read(0).map(event => 'text' in event && event.text)).toEqual(
				texts.flatMap(text => [text, text]),
			);
		});

		test('an append of nothing is nothing', async () => {
			const {writer, reader} = journal();
			expect(await writer.append()).toEqual([]);
			expect(reader.read(0)).toEqual([]);
		});

		test('a reader hears of each append until it has enough', async () => {
			const {writer, reader} = journal();
			let heard = 0;
			const enough = reader.subscribe(() => heard++);
			await writer.append(note('a'));
			await eventually(() => heard === 1);
			enough();
			await writer.append(note('b'));
			let others = 0;
			reader.subscribe(() => others++);
			await writer.append(note('c'));
			await eventually(() => others === 1);
			expect(heard).toBe(1);
		});

		test('a reader that is told reads what it was told of', async () => {
			const {writer, reader} = journal();
			const seen: number[] = [];
			reader.subscribe(() => seen.push(...reader.read(seen.length).map(({sequence}) => sequence)));
			for (let index = 0; index < 20; index++) {
				await writer.append(note('a'), note('b'));
			}

			await eventually(() => seen.length === 40);
			expect(seen).toEqual(Array.from({length: 40}, (_, index) => index + 1));
		});

		test('a reader that stumbles neither stops the writer nor the other readers', async () => {
			const {writer, reader} = journal();
			let heard = 0;
			reader.subscribe(() => {
				throw new Error('a defect of whoever looks on');
			});
			reader.subscribe(() => heard++);
			expect(await writer.append(note('a'))).toHaveLength(1);
			await eventually(() => heard === 1);
		});

		test('a request reaches whoever listens, whether it was left before that or after', async () => {
			const {writer, reader} = journal();
			await reader.request(stop);
			const heard: RunRequest[] = [];
			writer.onRequest(request => {
				heard.push(request);
				return Promise.resolve();
			});
			await reader.request(retry);
			await eventually(() => heard.length === 2);
			expect(heard).toEqual([stop, retry]);
		});

		test('a request that was handled does not come again, and the same once more is another one', async () => {
			const {writer, reader, nextWriter} = journal();
			const heard: RunRequest[] = [];
			const listen = (request: RunRequest) => {
				heard.push(request);
				return Promise.resolve();
			};
			await reader.request(stop);
			const enough = writer.onRequest(listen);
			await eventually(() => heard.length === 1);
			await reader.request(stop);
			await eventually(() => heard.length === 2);
			enough();
			const again: RunRequest[] = [];
			nextWriter().onRequest(request => {
				again.push(request);
				return Promise.resolve();
			});
			await reader.request(retry);
			await eventually(() => again.length > 0);
			expect(again).toEqual([retry]);
		});

		test('a request that could not be handled comes again to the next', async () => {
			const {writer, reader, nextWriter} = journal();
			const {promise, resolve} = Promise.withResolvers<undefined>();
			const enough = writer.onRequest(() => {
				resolve(undefined);
				return Promise.reject(new Error('no contact'));
			});
			await reader.request(stop);
			await promise;
			enough();
			const heard: RunRequest[] = [];
			nextWriter().onRequest(request => {
				heard.push(request);
				return Promise.resolve();
			});
			await eventually(() => heard.length === 1);
			expect(heard).toEqual([stop]);
		});
	});
}
