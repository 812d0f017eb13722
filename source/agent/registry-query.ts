/** A key of the Windows registry as `reg.exe query` shows it. */
export interface RegistryKey {
	/** Data by the value's name in lower case; a DWORD as `0x1`, a list with `\0` between its parts. */
	readonly values: ReadonlyMap<string, string>;
	/** The names of the keys right below it, in lower case. */
	readonly keys: ReadonlySet<string>;
}

const longestOutput = 1024 * 1024;
const mostEntries = 5000;

// Four blanks stand before the name, the type and the data. Names and data may have blanks of their own.
const valueLine = /^ {4}(?<name>\S.{0,254}?) {4}(?<type>REG_[A-Z_]{2,40})(?: {4}(?<data>.*))?$/;
const keyLine = /^HKEY_[A-Z_]{2,40}(?:\\(?<path>.{1,1000}))?$/i;

/**
 * Reads the output of `reg.exe query <key>`; undefined where it is something else. Whatever the language of Windows, only
 * the name of the default value differs.
 */
export function parseRegistryQuery(output: string): RegistryKey | undefined {
	const values = new Map<string, string>();
	const keys = new Set<string>();
	const lines = output.slice(0, longestOutput).split(/\r?\n/).slice(0, mostEntries);
	const paths = lines.flatMap(line => keyLine.exec(line.trimEnd())?.groups?.['path'] ?? []);
	for (const line of lines) {
		const {name, data = ''} = valueLine.exec(line)?.groups ?? {};
		if (name !== undefined && !values.has(name.toLowerCase())) {
			values.set(name.toLowerCase(), data);
		}
	}

	// The key itself stands first where it has values; the keys below it are one name longer.
	const depth = Math.min(...paths.map(path => path.split('\\').length));
	const own = values.size > 0 ? paths[0] : undefined;
	for (const path of paths) {
		const names = path.split('\\');
		if (path !== own && (own === undefined ? names.length === depth : names.length === depth + 1)) {
			keys.add((names.at(-1) ?? '').toLowerCase());
		}
	}

	return paths.length === 0 ? undefined : {values, keys};
}

/** A DWORD: `0x1` is 1. Undefined for anything else. */
export function dwordOf(data: string | undefined): number | undefined {
	return data !== undefined && /^0x[0-9a-f]{1,8}$/i.test(data) ? Number(data) : undefined;
}
