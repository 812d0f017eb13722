/** How much of a package is believed. All bounds are far above any real package. */
export interface PackageLimits {
	/** Entries of one zip. A full upgrade has some thousand. */
	readonly entries: number;
	/** Characters of one entry's name; Windows allows 32,767 in a path, DataMiner's own have below 300. */
	readonly nameLength: number;
	/** Characters of all names of one zip. */
	readonly allNames: number;
	/** Bytes read of one text file; what follows is not looked at. */
	readonly textBytes: number;
	/** Bytes that all files together may claim. */
	readonly unpackedBytes: number;
	/** Bytes of an Update.zip that has to be unpacked for a moment. DataMiner's own default limit is 4,000 MB. */
	readonly temporaryBytes: number;
	/** Bytes that stay free on that disk, whatever happens. */
	readonly spareBytes: number;
	readonly prerequisiteFiles: number;
	readonly prerequisiteBytes: number;
}

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

export const defaultPackageLimits: PackageLimits = {
	entries: 100_000,
	nameLength: 1024,
	allNames: 32 * MiB,
	textBytes: MiB,
	unpackedBytes: 256 * GiB,
	temporaryBytes: 16 * GiB,
	spareBytes: 256 * MiB,
	prerequisiteFiles: 2000,
	prerequisiteBytes: GiB,
};
