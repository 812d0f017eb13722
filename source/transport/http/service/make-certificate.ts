// The library finds its own parts by this metadata, which has to be there first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import type {ServiceCertificate} from './certificate.ts';

const years = 10;

/** A key and a certificate for it, signed by itself, good for these names and addresses. */
export async function makeCertificate(hosts: readonly string[], now: number): Promise<ServiceCertificate> {
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
	const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
	const lines = key.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
	const pem = `${certificate.toString('pem')}\n`;
	return {
		key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
		certificate: pem,
		fingerprint: new X509Certificate(pem).fingerprint256,
	};
}
