import {X509Certificate} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {UserError} from '../../../domain/user-error.ts';

/** What the service shows that it is itself. Both are PEM texts. */
export interface ServiceCertificate {
	readonly key: string;
	readonly certificate: string;
	/** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it: `AB:CD:…`. */
	readonly fingerprint: string;
}

const years = 10;

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
		return readCertificate(key, certificate, certificateFile);
	}

	if (key !== undefined || certificate !== undefined) {
		throw new CertificateFileError(key === undefined ? keyFile : certificateFile, 'it is missing');
	}

	const made = await makeCertificate(hosts, now);
	await mkdir(folder, {recursive: true, mode: 0o700});
	await writeFile(keyFile, made.key, {mode: 0o600, flag: 'wx'});
	await writeFile(certificateFile, made.certificate, {flag: 'wx'});
	return made;
}

/** A key and a certificate for it, signed by itself, good for these names and addresses. */
export async function makeCertificate(hosts: readonly string[], now: number): Promise<ServiceCertificate> {
	// Loaded when it is needed: once in the life of a service.
	const {selfSigned} = await import('./self-signed.ts');
	const {keys, certificate} = await selfSigned(hosts, now, years);
	const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
	const lines = key.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
	return readCertificate(
		`-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
		`${certificate}\n`,
		'',
	);
}

function readCertificate(key: string, certificate: string, file: string): ServiceCertificate {
	try {
		return {key, certificate, fingerprint: new X509Certificate(certificate).fingerprint256};
	} catch (error) {
		throw new CertificateFileError(file, 'it holds no certificate', {cause: error});
	}
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
	readonly code = 'CERTIFICATE_UNREADABLE';
	constructor(
		readonly file: string,
		reason: string,
		options?: ErrorOptions,
	) {
		super(`${file} cannot be used: ${reason}.`, options);
	}

	get nextSteps() {
		return [
			'Put the key and the certificate there, as PEM files.',
			'Or delete both, and new ones are made; every client has to be told the new fingerprint then.',
		];
	}
}
