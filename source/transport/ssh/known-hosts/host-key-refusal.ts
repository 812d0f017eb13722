import type {MachineError} from '../../../agent/machine-errors.ts';
import {
	HostKeyAuthorityError,
	HostKeyChangedError,
	HostKeyRevokedError,
	HostKeyUnknownError,
} from './host-key-errors.ts';
import type {HostKey} from './host-key.ts';
import {type HostLookup, knownHostsName} from './host-name.ts';
import type {HostKeyVerdict} from './judge-host-key.ts';

/**
 * Why a key is not trusted; nothing where it is. An unknown key may be accepted by somebody who was asked, the others
 * by nobody.
 * @param address the machine as people call it
 */
export function hostKeyRefusal(
	verdict: HostKeyVerdict,
	address: string,
	lookup: HostLookup,
	offered: HostKey,
): MachineError | undefined {
	switch (verdict.kind) {
		case 'known':
			return undefined;
		case 'unknown':
			return new HostKeyUnknownError(address, offered, verdict.sameKey);
		case 'changed':
			return new HostKeyChangedError(address, knownHostsName(lookup), verdict.entry, offered);
		case 'revoked':
			return new HostKeyRevokedError(address, verdict.entry, offered);
		case 'authority':
			return new HostKeyAuthorityError(address, knownHostsName(lookup), verdict.entry, offered);
	}
}
