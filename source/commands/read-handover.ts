import type {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {type Handover, handoverSchema} from './answer-book.ts';

const nothing: Handover = {answers: [], hostKeys: []};

/** Reads what another process gave through a pipe; nothing where that process ended too early. */
export async function readHandover(pipe: Readable): Promise<Handover> {
	try {
		return handoverSchema.parse(JSON.parse(await text(pipe)));
	} catch {
		// What went wrong may quote what was given, which nobody may see. Connecting says then what is missing.
		return nothing;
	}
}
