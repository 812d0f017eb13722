import {ArchiveError} from './archive-error.ts';
import {
	NotAPackageError,
	PackageCompressionError,
	PackageCutOffError,
	PackageDamagedError,
	PackageEncryptedError,
	PackageTooLargeError,
	UpdateZipDamagedError,
} from './package-errors.ts';
import {asReadError} from './regular-file.ts';

/** Turns what is wrong with a zip into what is wrong with the package; other errors are returned as they are. */
export function asPackageError(path: string, zip: 'outer' | 'inner', error: unknown): unknown {
	if (!(error instanceof ArchiveError)) {
		return asReadError(path, error);
	}

	const options = {cause: error};
	const inner = zip === 'inner';
	switch (error.fault) {
		case 'encrypted':
			return new PackageEncryptedError(path, error.message, options);
		case 'compression':
			return new PackageCompressionError(path, error.message, options);
		case 'too-large':
			return new PackageTooLargeError(path, error.message, options);
		case 'no-zip':
		case 'cut-off':
			return inner
				? new UpdateZipDamagedError(path, `it ${error.message}`, options)
				: error.fault === 'no-zip'
					? new NotAPackageError(path, options)
					: new PackageCutOffError(path, options);
		case 'damaged':
			return inner
				? new UpdateZipDamagedError(path, error.message, options)
				: new PackageDamagedError(path, error.message, options);
	}
}
