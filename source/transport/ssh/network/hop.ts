import type {HostSettings} from '../client-config/host-settings.ts';
import type {PinnedSshOptions, SshOptions} from '../ssh-options.ts';

/** One host on the way to a machine, or the machine itself. */
export interface Hop {
	/** For messages. */
	readonly address: string;
	readonly settings: HostSettings;
	/** The fingerprint of the only key that is trusted; without it the known_hosts files are asked. */
	readonly pinnedKey?: string | undefined;
	/** The only key to log in with; without it all ways of the settings are tried. */
	readonly privateKey?: string | Buffer | undefined;
}

/** All hosts that are gone through, the machine last. */
export function hopsOf(options: SshOptions): readonly Hop[] {
	if (!('route' in options)) {
		return [pinnedHop(options)];
	}

	const {address, route, hostKey} = options;
	return route.map((settings, index) =>
		index === route.length - 1
			? {address, settings, pinnedKey: hostKey}
			: {address: `jump host ${settings.host}`, settings},
	);
}

function pinnedHop({address, port, user, privateKey, hostKey}: PinnedSshOptions): Hop {
	return {
		address,
		pinnedKey: hostKey,
		privateKey,
		settings: {
			host: address,
			hostName: address,
			port,
			user,
			addressFamily: 'any',
			jumpHosts: [],
			connectTimeoutSeconds: undefined,
			serverAliveIntervalSeconds: 0,
			serverAliveCountMax: 3,
			identityFiles: [],
			identitiesOnly: true,
			agentSocket: undefined,
			login: {publicKey: true, password: false, keyboardInteractive: false, preferred: undefined},
			batchMode: true,
			userKnownHostsFiles: [],
			globalKnownHostsFiles: [],
			hostKeyAlias: undefined,
			strictHostKeyChecking: 'yes',
			hashKnownHosts: false,
			notices: [],
		},
	};
}
