import type {ProgressLine} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import type {FollowedLine} from './connection.ts';
import {type TextEncoding, encodingOf} from './file-text.ts';

/** Longer lines are cut; what is kept of them is still far more than a screen shows. */
const longestLine = 32 * 1024;

const fullLine =
	/^(?:(?<about>[^|]{0,255})\|)?(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,7})?)\|(?<type>[a-z][a-z0-9 _-]{0,39})\|(?<message>.*)$/is;
// Without a time to go by, only the words that the documents name are types (General_Feature_Release_10.6.10.md).
const shortLine =
	/^(?<type>information|progress|step|notice|warning|error|success|finished|localcomplete|uploadcomplete|upgradecomplete)\|(?<message>.*)$/is;

/**
 * Reads one line of `progress.log`: `agent|yyyy-MM-dd HH:mm:ss|type|message`, or `type|message` as some are quoted.
 * Whatever else an Agent writes is kept as it stands, as `information`.
 * Source: General_Feature_Release_10.2.4.md (RN 32772), KI_DCOMConfig_flagged_as_virus.md
 */
export function parseProgressLine(line: string): ProgressLine {
	const full = fullLine.exec(line)?.groups;
	const groups = full ?? shortLine.exec(line)?.groups;
	if (!groups) {
		return {type: 'information', message: visibleText(line)};
	}

	const time = groups['time'];
	return {
		...(time !== undefined && {time}),
		type: (groups['type'] ?? '').trim().toLowerCase(),
		message: visibleText(groups['message'] ?? ''),
	};
}

/** A line with the address of the Agent that it is about, where it has one. */
export interface LogLine extends FollowedLine {
	readonly about?: string;
}

/**
 * Takes the bytes of a `progress.log` as they come and gives its lines. The last line counts once it is ended, since
 * DataMiner may still be writing it; blank lines are left out.
 */
export class ProgressLogReader {
	#encoding: TextEncoding | undefined;
	#position: number;
	#lineStart: number;
	/** The line that is not ended yet, at most `longestLine` bytes of it. */
	#pending: Buffer[] = [];
	#pendingLength = 0;
	/** A UTF-16 character of which only the first byte has come. */
	#half: Buffer = Buffer.alloc(0);

	/** `offset`: where in the file the first bytes will stand; it has to be the start of a line. */
	constructor(offset = 0) {
		this.#position = offset;
		this.#lineStart = offset;
	}

	push(bytes: Uint8Array): readonly LogLine[] {
		const lines: LogLine[] = [];
		let rest = Buffer.concat([this.#half, bytes]);
		if (this.#encoding === undefined && rest.length >= 2) {
			this.#encoding = encodingOf(rest);
		}

		if (this.#encoding === undefined || (this.#encoding !== 'utf-8' && rest.length % 2 === 1)) {
			const whole = this.#encoding === undefined ? 0 : rest.length - 1;
			this.#half = rest.subarray(whole);
			rest = rest.subarray(0, whole);
		} else {
			this.#half = Buffer.alloc(0);
		}

		for (;;) {
			const end = this.#endOfLine(rest);
			if (end < 0) {
				this.#keep(rest);
				return lines;
			}

			this.#keep(rest.subarray(0, end));
			rest = rest.subarray(end);
			const text = this.#takeLine();
			if (text !== '') {
				const about = fullLine.exec(text)?.groups?.['about']?.trim();
				lines.push({
					line: parseProgressLine(text),
					nextOffset: this.#lineStart,
					...(about !== undefined && about !== '' && {about}),
				});
			}
		}
	}

	/** The line that is not ended, as far as it goes; for a log that nobody writes to any more. */
	unfinished(): ProgressLine | undefined {
		const text = this.#decode(Buffer.concat([...this.#pending, this.#half]));
		return text === '' ? undefined : parseProgressLine(text);
	}

	/** Where the first line after the end of the current one begins in `bytes`, or -1. */
	#endOfLine(bytes: Buffer): number {
		if (this.#encoding === 'utf-8' || this.#encoding === undefined) {
			return bytes.indexOf(0x0a) + 1 || -1;
		}

		const [high, low] = this.#encoding === 'utf-16be' ? [0, 1] : [1, 0];
		for (let index = 0; index + 1 < bytes.length; index += 2) {
			if (bytes[index + high] === 0 && bytes[index + low] === 0x0a) {
				return index + 2;
			}
		}

		return -1;
	}

	#keep(bytes: Buffer): void {
		this.#position += bytes.length;
		const kept = bytes.subarray(0, Math.max(0, longestLine - this.#pendingLength));
		if (kept.length > 0) {
			this.#pending.push(Buffer.from(kept));
			this.#pendingLength += kept.length;
		}
	}

	#takeLine(): string {
		const text = this.#decode(Buffer.concat(this.#pending));
		this.#pending = [];
		this.#pendingLength = 0;
		this.#lineStart = this.#position;
		return text;
	}

	#decode(bytes: Buffer): string {
		return new TextDecoder(this.#encoding ?? 'utf-8').decode(bytes).trim();
	}
}
