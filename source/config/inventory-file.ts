import * as z from 'zod';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {type Inventory, inventorySchema} from './inventory.ts';

/** An inventory that a run or a lab handed over cannot be used. */
export class InventoryError extends UserError {
	readonly code = 'INVENTORY_UNUSABLE';
	override readonly exitCode = exitCodes.wrongUse;
	constructor(
		origin: string,
		reason: string,
		readonly nextSteps: readonly string[],
	) {
		super(`The inventory ${visibleText(origin, 300)} cannot be used: ${reason}.`);
	}
}

/** Checks an inventory that was written down; `origin` is where it was read, for the message. */
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
