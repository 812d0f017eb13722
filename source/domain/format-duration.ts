const units = [
	['day', 24 * 60 * 60],
	['hour', 60 * 60],
	['minute', 60],
	['second', 1],
] as const;

/** In words, in its largest unit and the next one, rounded down: `2 hours 5 minutes`, `40 seconds`, `10 days`. */
export function formatDuration(milliseconds: number): string {
	const total = Math.floor(Math.abs(milliseconds) / 1000);
	const largest = units.findIndex(([, seconds]) => total >= seconds);
	if (largest === -1) {
		return '0 seconds';
	}

	let left = total;
	return units
		.slice(largest, largest + 2)
		.flatMap(([unit, seconds]) => {
			const count = Math.floor(left / seconds);
			left -= count * seconds;
			return count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
		})
		.join(' ');
}
