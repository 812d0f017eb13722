/**
 * The free bytes that `fsutil.exe volume diskfree` tells, in its first line with a number:
 * `Total free bytes : 62,277,025,792 ( 58.0 GB)`. Labels and separators are in the language of Windows.
 */
export function parseDiskFree(output: string): number | undefined {
	for (const line of output.split(/\r?\n/)) {
		const value = /:(?<value>[^(]*)/.exec(line)?.groups?.['value'];
		const digits = value?.replaceAll(/\D/g, '') ?? '';
		if (digits !== '') {
			const bytes = Number(digits);
			return Number.isSafeInteger(bytes) ? bytes : undefined;
		}
	}

	return undefined;
}
