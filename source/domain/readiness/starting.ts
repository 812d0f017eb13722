import type {ReadinessCheck} from './readiness-check.ts';

/**
 * Whether what was found refuses a start. A lock does not: whether its holder still lives is seen by the run, which
 * watches it before it takes anything, leaves it alone while it is renewed, and asks before it takes over a dead one.
 */
export function refusesStart({id, outcome}: ReadinessCheck): boolean {
	return outcome === 'block' && id !== 'lock';
}
