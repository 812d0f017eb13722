import type {Operator} from '../../domain/run-event.ts';
import {visibleText} from '../../domain/text.ts';

export function who({user, host}: Operator): string {
	return visibleText(`${user} on ${host}`);
}
