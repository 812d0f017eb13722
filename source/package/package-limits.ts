/**
 * How much of a package is believed. All bounds are far above any real package. Two levels of zips are opened, the
 * package and its Update.zip; a zip further inside is a file like any other and never unpacked.
 */
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
	/**
	 * How many times its packed size a file may unpack to. Deflate ends at 1,032 times, which only runs of one byte
	 * reach; programs come to 2 to 4 times, logs and XML to 20.
	 */
	readonly ratio: number;
	/** Files up to so many bytes may have any ratio: unpacking them costs nothing. */
	readonly ratioFreeBytes: number;
	/** The same for all files of one zip together, which thousands of small ones would get around otherwise. */
	readonly allRatio: number;
	readonly allRatioFreeBytes: number;
	/**
	 * Bytes of a package that DataMiner takes over SLNet when nobody changed the setting: 4,000 MB. Whether an MB has
	 * 10^6 or 2^20 bytes is not documented; this is the smaller one. Source: MaintenanceSettings.SLNet.MaxUploadSize.md
	 */
	readonly uploadBytes: number;
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
	ratio: 200,
	ratioFreeBytes: 64 * MiB,
	allRatio: 100,
	allRatioFreeBytes: 4 * GiB,
	uploadBytes: 4000 * 1000 ** 2,
	temporaryBytes: 16 * GiB,
	spareBytes: 256 * MiB,
	prerequisiteFiles: 2000,
	prerequisiteBytes: GiB,
};
