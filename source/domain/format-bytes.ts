/** With a binary prefix and three significant figures: `512 B`, `1.40 GiB`. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let value = bytes;
	let unit = 0;
	// 999.5 and above would be written with an exponent.
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}

	return unit === 0 ? `${value} B` : `${value.toPrecision(3)} ${units[unit] ?? ''}`;
}
