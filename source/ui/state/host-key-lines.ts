import {type HostKeyQuestion, serviceCertificate, webServerCertificate} from '../../agent/prompts.ts';

/** Of a certificate, in characters: 16 bytes, with a colon after each. */
const halfFingerprint = 48;

/** What somebody has to know to decide whether to trust a host. */
export function hostKeyLines(question: HostKeyQuestion): readonly string[] {
	const {address, host, port, keyType, fingerprint, otherNames} = question;
	const place = port === 22 ? host : `${host} port ${port}`;
	if (keyType === serviceCertificate || keyType === webServerCertificate) {
		const [server, check] =
			keyType === serviceCertificate
				? ['service', 'the fingerprint that dms-upgrade serve shows on the server itself']
				: ['web server', 'the SHA-256 fingerprint that a browser on the server itself shows of IIS'];
		return [
			`The certificate of the ${server} on ${address === host ? place : `${address} (${place})`} is not known yet.`,
			// Two lines, each with 16 of its 32 bytes, so that no terminal breaks it where people cannot compare it.
			...[fingerprint.slice(0, halfFingerprint), fingerprint.slice(halfFingerprint)].map(part => `  ${part}`),
			`Compare it with ${check}.`,
		];
	}

	return [
		`The host key of ${address === host ? place : `${address} (${place})`} is not known yet.`,
		`  ${keyType} ${fingerprint}`,
		...(otherNames.length > 0 ? [`  The same key is known as ${otherNames.join(', ')}.`] : []),
		'Compare it with what ssh-keygen -l says on the server itself.',
	];
}
