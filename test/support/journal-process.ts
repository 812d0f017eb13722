import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {createInterface} from 'node:readline/promises';
import {systemClock} from '../../source/commands/system-clock.ts';
import {failureOf} from '../../source/domain/user-error.ts';
import type {RunnerSeat} from '../../source/journal/run-journal.ts';
import {openRunJournal} from '../../source/journal/sqlite-run-journal.ts';

/*
 * A process of its own with a journal open, which does what it reads from its stdin, line by line, and answers each line
 * with one of JSON: `open`, `list`, `seat RUN`, `append BATCH SIZE`, `forever`, `warn`.
 */

const [folder = ''] = process.argv.slice(2);
const notices: string[] = [];
let seat: RunnerSeat | undefined;
let journal: ReturnType<typeof openRunJournal> | undefined;

function opened(): ReturnType<typeof openRunJournal> {
	journal ??= openRunJournal(folder, {clock: systemClock, onNotice: ({code}) => notices.push(code)});
	return journal;
}

/** The texts of a batch say which batch it is, how many it has, and which of them each is. */
async function append(batch: number, size: number): Promise<number> {
	const facts = Array.from({length: size}, (_, index) => ({
		type: 'note' as const,
		text: `${batch} ${size} ${index} ${'x'.repeat((batch * 37) % 3000)}`,
	}));
	const events = await seat!.append(...facts);
	return events.at(-1)?.sequence ?? 0;
}

const acts: Readonly<Record<string, (...words: string[]) => unknown>> = {
	open: () => {
		opened();
		return notices;
	},
	list: () =>
		opened()
			.list()
			.map(({run}) => run),
	seat: run => {
		seat = opened().takeSeat(run, {token: randomUUID(), pid: process.pid, host: hostname()});
		return seat.history.length;
	},
	warn: () => process.emitWarning('Fetching is an experimental feature', 'ExperimentalWarning'),
	append: (batch, size) => append(Number(batch), Number(size)),
	// Goes on until it is killed; what is kept is told.
	forever: async () => {
		for (let batch = 1; ; batch++) {
			tell(await append(batch, 1 + (batch % 5)));
		}
	},
};

function tell(answer: unknown): void {
	process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}

for await (const line of createInterface({input: process.stdin})) {
	const [act = '', ...words] = line.split(' ');
	try {
		tell(await acts[act]!(...words));
	} catch (error) {
		tell({code: failureOf(error).code, message: failureOf(error).message});
	}
}

process.exit();
