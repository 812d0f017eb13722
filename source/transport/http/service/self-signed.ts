// The library finds its own parts by this metadata.
import 'reflect-metadata';
import type {webcrypto} from 'node:crypto';
import {isIP} from 'node:net';
// Imported dynamically, it would have none of its names in the bundled program: it is CommonJS.
import * as x509 from '@peculiar/x509';

/** A certificate for these names and addresses as a PEM text, and the keys that it is for and was signed with. */
export async function selfSigned(
	hosts: readonly string[],
	now: number,
	years: number,
): Promise<{readonly keys: webcrypto.CryptoKeyPair; readonly certificate: string}> {
	const algorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'};
	const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		name: `CN=${(hosts[0] ?? 'dms-upgrade').replaceAll(/[^\w.-]/g, '')}, O=dms-upgrade`,
		notBefore: new Date(now - 24 * 60 * 60_000),
		notAfter: new Date(now + years * 365 * 24 * 60 * 60_000),
		signingAlgorithm: algorithm,
		keys,
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
			new x509.SubjectAlternativeNameExtension(
				hosts.map(host => ({type: isIP(host) === 0 ? 'dns' : 'ip', value: host}) as const),
			),
		],
	});
	return {keys, certificate: certificate.toString('pem')};
}
