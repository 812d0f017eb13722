import {readFile} from 'node:fs/promises';
import type {ClusterSoftware} from '../lab/agent-software.ts';
import {visibleText} from '../domain/text.ts';
import {UsageError} from './usage-error.ts';

/** Reads what `--software` names; the lab checks what stands in it. Rejects with a `UsageError`. */
export async function readSoftwareFile(file: string): Promise<ClusterSoftware> {
	const refuse = (reason: string) =>
		new UsageError(`The software of ${visibleText(file, 300)} cannot be used: ${visibleText(reason, 300)}.`, [
			'Name a file such as {"DMA-02": {"fips": true}}; the README has all that can be set.',
		]);
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		throw refuse(error instanceof Error ? error.message : String(error));
	}

	try {
		return JSON.parse(text) as ClusterSoftware;
	} catch (error) {
		throw refuse(`it is no JSON (${String(error)})`);
	}
}
