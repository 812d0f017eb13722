import {X509Certificate, createPrivateKey} from 'node:crypto';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {UserError} from '../../../domain/user-error.ts';

/** What the service shows that it is itself. Both are PEM texts. */
export interface ServiceCertificate {
	readonly key: string;
	readonly certificate: string;
	/** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it: `AB:CD:…`. */
	readonly fingerprint: string;
}

/** The certificate in this folder; made there, and signed by itself, where there is none. */
export async function serviceCertificate(
	folder: string,
	hosts: readonly string[],
	now: number,
): Promise<ServiceCertificate> {
	const keyFile = path.join(folder, 'service-key.pem');
	const certificateFile = path.join(folder, 'service-certificate.pem');
	const [key, certificate] = await Promise.all([textOf(keyFile), textOf(certificateFile)]);
	if (key !== undefined && certificate !== undefined) {
		return checked({key, keyFile, certificate, certificateFile}, now);
	}

	if (key !== undefined || certificate !== undefined) {
		throw new CertificateFileError(key === undefined ? keyFile : certificateFile, 'it is missing');
	}

	// Loaded when it is needed: once in the life of a service.
	const {makeCertificate} = await import('./make-certificate.ts');
	const made = await makeCertificate(hosts, now);
	await mkdir(folder, {recursive: true, mode: 0o700});
	await writeFile(keyFile, made.key, {mode: 0o600, flag: 'wx'});
	await writeFile(certificateFile, made.certificate, {flag: 'wx'});
	return made;
}

/** Of a CA, or made by whoever runs the Agent; both files as PEM. */
export async function givenCertificate(
	certificateFile: string,
	keyFile: string,
	now: number,
): Promise<ServiceCertificate> {
	const [key, certificate] = await Promise.all([textOf(keyFile), textOf(certificateFile)]);
	if (key === undefined || certificate === undefined) {
		throw new CertificateFileError(key === undefined ? keyFile : certificateFile, 'it is not there');
	}

	return checked({key, keyFile, certificate, certificateFile}, now);
}

interface Files {
	readonly key: string;
	readonly keyFile: string;
	readonly certificate: string;
	readonly certificateFile: string;
}

async function checked(
	{key, keyFile, certificate, certificateFile}: Files,
	now: number,
): Promise<ServiceCertificate> {
	// Windows has no such bits; there, the folder is closed to others.
	if (process.platform !== 'win32' && ((await stat(keyFile)).mode & 0o077) !== 0) {
		throw new KeyFileOpenError(keyFile);
	}

	let parsed: X509Certificate;
	try {
		parsed = new X509Certificate(certificate);
	} catch (error) {
		throw new CertificateFileError(certificateFile, 'it holds no certificate', {cause: error});
	}

	let fits: boolean;
	try {
		fits = parsed.checkPrivateKey(createPrivateKey(key));
	} catch (error) {
		throw new CertificateFileError(keyFile, 'it holds no private key without a passphrase', {cause: error});
	}

	if (!fits) {
		throw new CertificateFileError(keyFile, `its key is not that of ${certificateFile}`);
	}

	if (parsed.validToDate.getTime() <= now || parsed.validFromDate.getTime() > now) {
		throw new CertificateFileError(
			certificateFile,
			`it is good from ${parsed.validFrom} to ${parsed.validTo} only`,
		);
	}

	return {key, certificate, fingerprint: parsed.fingerprint256};
}

async function textOf(file: string): Promise<string | undefined> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw new CertificateFileError(file, 'it cannot be read', {cause: error});
	}
}

/** The service has no certificate that it could show. */
export class CertificateFileError extends UserError {
	readonly code = 'CERTIFICATE_UNUSABLE';
	constructor(
		readonly file: string,
		reason: string,
		options?: ErrorOptions,
	) {
		super(`${file} cannot be used: ${reason}.`, options);
	}

	get nextSteps() {
		return [
			'Name a certificate and its key, as PEM files, with --certificate and --key.',
			'Or delete those that the service made, and it makes new ones; every client has to be told the new fingerprint then.',
		];
	}
}

/** Whoever has the key can pretend to be this service. */
export class KeyFileOpenError extends UserError {
	readonly code = 'KEY_FILE_OPEN_TO_OTHERS';
	constructor(readonly file: string) {
		super(`Other users of this computer may read ${file}, or write to it.`);
	}

	get nextSteps() {
		return [`chmod 600 ${this.file}`, 'Ask for a new key and certificate if somebody may have read it.'];
	}
}
