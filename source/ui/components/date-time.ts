import {timeOfDay} from './time.ts';

/** Date and time where the terminal is, `2026-11-23 14:05:09`. */
export function dateAndTime(at: number): string {
	const date = new Date(at);
	const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
		.map(part => String(part).padStart(2, '0'))
		.join('-');
	return `${day} ${timeOfDay(at)}`;
}
