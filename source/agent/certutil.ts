/**
 * The hash in the output of `certutil.exe -hashfile … SHA256`, in lower case: the line that is 64 hexadecimal digits.
 * Older editions of Windows put a blank after each byte.
 */
export function parseCertutilHash(output: string): string | undefined {
	return output
		.split(/\r?\n/)
		.map(line => line.replaceAll(/[ \t]/g, ''))
		.find(line => /^[0-9a-f]{64}$/i.test(line))
		?.toLowerCase();
}
