import stringWidth from 'string-width';

/** Lines whose cells stand below each other, as wide as a terminal shows them. The first row has every column. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
	const widths =
		rows[0]?.map((_, column) => Math.max(...rows.map(row => stringWidth(row[column] ?? '')))) ?? [];
	return rows.map(row =>
		row
			.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - stringWidth(text)))
			.join('  ')
			.trimEnd(),
	);
}
