/** Why a zip, or one of its entries, cannot be read. */
export type ArchiveFault = 'no-zip' | 'cut-off' | 'damaged' | 'encrypted' | 'compression' | 'too-large';

/** Says what is wrong with a zip without knowing which one it is: whoever opened it knows. */
export class ArchiveError extends Error {
	readonly fault: ArchiveFault;

	constructor(fault: ArchiveFault, message: string, options?: ErrorOptions) {
		super(message, options);
		this.fault = fault;
	}
}
