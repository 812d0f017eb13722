/** `SCHED_S_TASK_RUNNING` and `SCHED_S_TASK_QUEUED`: it runs, or is about to. */
const running: ReadonlySet<number> = new Set([267_009, 267_045]);
/** `SCHED_S_TASK_READY` and `SCHED_S_TASK_HAS_NOT_RUN`. */
const neverRun: ReadonlySet<number> = new Set([267_008, 267_011]);

export type TaskState =
	| {readonly state: 'never run'}
	| {readonly state: 'running'}
	| {readonly state: 'ended'; readonly result: number};

const resultField = 6;

/**
 * Reads `schtasks.exe /query … /fo CSV /nh /v` for one task. Only the number of the last result counts, since the
 * words are in the language of Windows. Undefined where the output is something else.
 */
export function parseTaskQuery(output: string): TaskState | undefined {
	for (const row of parseCsv(output)) {
		const text = row[resultField]?.trim() ?? '';
		if (row.length > resultField && /^-?\d{1,10}$/.test(text)) {
			// Codes above 0x7FFFFFFF are shown as negative numbers by some editions of Windows.
			const result = Number(text) >>> 0;
			if (running.has(result)) {
				return {state: 'running'};
			}

			return neverRun.has(result) ? {state: 'never run'} : {state: 'ended', result};
		}
	}

	return undefined;
}

/** Quoted fields, in which a quotation mark is doubled and line breaks may stand. */
function parseCsv(text: string): readonly (readonly string[])[] {
	const rows: string[][] = [];
	for (const line of text.matchAll(/(?:"(?:[^"]|"")*"|[^"\r\n])+/g)) {
		rows.push(
			[...line[0].matchAll(/(?:^|,)(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^,"]*))/g)].map(
				({groups}) => groups?.['quoted']?.replaceAll('""', '"') ?? groups?.['plain'] ?? '',
			),
		);
	}

	return rows;
}
