import {setMaxListeners} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';

/** The time that passes in the lab: real life, `speed` times faster. Everything that waits ends with the lab. */
export class SimulatedTime {
	readonly #end = new AbortController();

	constructor(readonly speed: number) {
		setMaxListeners(0, this.#end.signal);
	}

	/** Aborted when the lab stops. */
	get ended(): AbortSignal {
		return this.#end.signal;
	}

	/** Waits as long as `seconds` of real life take here; rejects when `signal` is aborted or the lab stops. */
	async pass(seconds: number, signal?: AbortSignal): Promise<void> {
		const either = signal ? AbortSignal.any([this.#end.signal, signal]) : this.#end.signal;
		await delay((seconds * 1000) / this.speed, undefined, {signal: either});
	}

	end(): void {
		this.#end.abort(new Error('The lab was stopped.'));
	}
}

/** `yyyy-MM-dd HH:mm:ss` in local time, as in VersionHistory.txt and progress.log. */
export function logTime(date: Date): string {
	return `${day(date, '-')} ${timeOfDay(date)}`;
}

/** `yyyy/MM/dd HH:mm:ss.fff`, as in SLFailover.txt and the other files of `Logging`. */
export function tracedTime(date: Date): string {
	return `${day(date, '/')} ${timeOfDay(date)}.${padded(date.getMilliseconds(), 3)}`;
}

/** `M/d/yyyy h:mm:ss AM`, as an English Windows prints it. */
export function englishTime(date: Date): string {
	const hours = date.getHours();
	const minutes = `${padded(date.getMinutes(), 2)}:${padded(date.getSeconds(), 2)}`;
	const noon = hours < 12 ? 'AM' : 'PM';
	return `${date.getMonth() + 1}/${date.getDate()}/${date.getFullYear()} ${hours % 12 || 12}:${minutes} ${noon}`;
}

/** `yyyyMMdd`, as in the versions of VersionHistory.txt. */
export function day(date: Date, separator = ''): string {
	return [padded(date.getFullYear(), 4), padded(date.getMonth() + 1, 2), padded(date.getDate(), 2)].join(
		separator,
	);
}

function timeOfDay(date: Date): string {
	return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => padded(part, 2)).join(':');
}

function padded(value: number, digits: number): string {
	return String(value).padStart(digits, '0');
}
