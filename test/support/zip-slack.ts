/** Where a stretch of bytes begins and how many it has. */
type Stretch = readonly [start: number, length: number];

/**
 * The bytes of a zip that say nothing of which files there are and what they contain, so that no reader needs them to
 * unpack: in each entry of the directory the versions, the time, the disk number, the attributes, the extra field
 * and the comment; in each file's own header the version, the time and the extra field; and the last byte of a
 * deflated file, of which the bits after the end are filling. Small zips without zip64 fields only.
 */
export function slackOf(zip: Buffer, base = 0): ReadonlySet<number> {
	const slack = new Set<number>();
	const add = (...stretches: readonly Stretch[]) => {
		for (const [start, length] of stretches) {
			for (let at = start; at < start + length; at++) {
				slack.add(base + at);
			}
		}
	};
	const endRecord = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
	let at = zip.readUInt32LE(endRecord + 16);
	for (let left = zip.readUInt16LE(endRecord + 10); left > 0; left--) {
		const method = zip.readUInt16LE(at + 10);
		const packedSize = zip.readUInt32LE(at + 20);
		const [name, extra, comment] = [28, 30, 32].map(field => zip.readUInt16LE(at + field)) as [
			number,
			number,
			number,
		];
		add([at + 4, 4], [at + 12, 4], [at + 34, 8], [at + 46 + name, extra + comment]);
		const header = zip.readUInt32LE(at + 42);
		const [localName, localExtra] = [zip.readUInt16LE(header + 26), zip.readUInt16LE(header + 28)];
		add([header + 4, 2], [header + 10, 4], [header + 30 + localName, localExtra]);
		if (method === 8) {
			add([header + 30 + localName + localExtra + packedSize - 1, 1]);
		}

		at += 46 + name + extra + comment;
	}

	return slack;
}
