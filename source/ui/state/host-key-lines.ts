import type {HostKeyQuestion} from '../../agent/prompts.ts';

/** What somebody has to know to decide whether to trust a host. */
export function hostKeyLines(question: HostKeyQuestion): readonly string[] {
	const {address, host, port, keyType, fingerprint, otherNames} = question;
	const place = port === 22 ? host : `${host} port ${port}`;
	return [
		`The host key of ${address === host ? place : `${address} (${place})`} is not known yet.`,
		`  ${keyType} ${fingerprint}`,
		...(otherNames.length > 0 ? [`  The same key is known as ${otherNames.join(', ')}.`] : []),
		'Compare it with what ssh-keygen -l says on the server itself.',
	];
}
