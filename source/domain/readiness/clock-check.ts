import type {ClockReading} from '../agent-survey.ts';
import {formatDuration} from '../format-duration.ts';
import {type ReadinessCheck, type ReadinessOutcome, worstOutcome} from './readiness-check.ts';

const seconds = 1000;

/**
 * DataMiner relies on the servers' time to synchronize data and names no limit; servers with a time server differ by less
 * than this. Source: BPA_Check_Time_Server.md
 */
export const clocksApart = 10 * seconds;
/** From here on Windows refuses logons between servers (Kerberos, default tolerance). */
export const clocksTooFarApart = 300 * seconds;
/** Between an Agent and this computer: its times and those of the run would not match. */
export const clockUnlikeOurs = 60 * seconds;

/** Judges an Agent's clock by those of the others and by ours. */
export function clockSkew(own: ClockReading | undefined, all: readonly ClockReading[]): ReadinessCheck {
	const base = {id: 'clock-skew', title: 'Clock', source: 'BPA_Check_Time_Server.md'};
	if (own === undefined) {
		return {
			...base,
			outcome: 'unknown',
			evidence: 'Its time could not be found out.',
			remedy: 'See that all Agents get their time from the same time server.',
		};
	}

	const apart = fromTheOthers(own, all);
	const fromOthers: ReadinessOutcome =
		Math.abs(apart) > clocksTooFarApart ? 'block' : Math.abs(apart) > clocksApart ? 'warn' : 'pass';
	const ours = beyond(own.aheadMs, own.uncertaintyMs);
	const fromOurs: ReadinessOutcome = Math.abs(ours) > clockUnlikeOurs ? 'warn' : 'pass';
	const outcome = worstOutcome([fromOthers, fromOurs]);
	const found = [
		...(fromOthers === 'pass' ? [] : [`${aheadOrBehind(apart)} the other Agents`]),
		...(fromOurs === 'pass' ? [] : [`${aheadOrBehind(ours)} this computer`]),
	];
	return {
		...base,
		outcome,
		evidence:
			outcome === 'pass' ? 'It agrees with the others and with ours.' : `It is ${found.join(' and ')}.`,
		remedy:
			outcome === 'pass'
				? ''
				: fromOthers === 'pass'
					? 'Set the clock of this computer, or that of the Agents, by a time server.'
					: 'Let all Agents get their time from the same time server.',
	};
}

/** How far it is from the middle one of all, at least: what asking took is taken off. */
function fromTheOthers(own: ClockReading, all: readonly ClockReading[]): number {
	const sorted = all.toSorted((a, b) => a.aheadMs - b.aheadMs);
	// Of two middle ones the farther one: two Agents that differ are both told.
	const middles = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
	const differences = middles
		.filter(reading => reading !== undefined)
		.map(reading => beyond(own.aheadMs - reading.aheadMs, own.uncertaintyMs + reading.uncertaintyMs));
	return differences.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? 0;
}

function beyond(difference: number, uncertainty: number): number {
	return Math.sign(difference) * Math.max(0, Math.abs(difference) - uncertainty);
}

function aheadOrBehind(difference: number): string {
	return `${formatDuration(difference)} ${difference > 0 ? 'ahead of' : 'behind'}`;
}
