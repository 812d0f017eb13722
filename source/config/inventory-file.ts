import {readFile} from 'node:fs/promises';
import * as z from 'zod';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {type Inventory, inventorySchema} from './inventory.ts';

/** The inventory cannot be used. */
export class InventoryError extends UserError {
	readonly code = 'INVENTORY_UNUSABLE';
	override readonly exitCode = exitCodes.wrongUse;
	constructor(
		file: string,
		reason: string,
		readonly nextSteps: readonly string[],
	) {
		super(`The inventory ${visibleText(file, 300)} cannot be used: ${reason}.`);
	}
}

/** Reads an inventory in JSON, as `dms-upgrade lab` prints it. Rejects with `InventoryError`. */
export async function readInventory(file: string): Promise<Inventory> {
	const likeThis = 'dms-upgrade lab prints an inventory that shows what it looks like.';
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		throw new InventoryError(file, code === 'ENOENT' ? 'there is no such file' : message, [
			'Check the path behind --config, and the rights of the file.',
		]);
	}

	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch (error) {
		throw new InventoryError(file, `it is no JSON (${visibleText(String(error), 200)})`, [likeThis]);
	}

	return parseInventory(content, file);
}

/** Checks what stands in an inventory; `origin` is where it was read, for the message. */
export function parseInventory(content: unknown, origin: string): Inventory {
	const {data, error} = inventorySchema.safeParse(content);
	if (!data) {
		const [issue] = error.issues;
		const place = z.core.toDotPath(issue?.path ?? []);
		throw new InventoryError(
			origin,
			`${place === '' ? '' : `at ${visibleText(place, 200)}: `}${visibleText(issue?.message ?? 'it does not fit', 300)}`,
			['Correct it there, then try again.'],
		);
	}

	return data;
}
