import path from 'node:path';
import {type Surroundings, absoluteFolder} from './state-folder.ts';

const name = 'dms-upgrade';

/**
 * The folder for what its user writes and takes along to another computer: configuration, never secrets.
 * Sources: XDG Base Directory Specification; Apple, File System Programming Guide; Microsoft, KNOWNFOLDERID.
 */
export function configFolder({platform, environment, home}: Surroundings): string {
	switch (platform) {
		case 'win32': {
			const roaming = absoluteFolder(path.win32, environment['APPDATA']);
			return path.win32.join(roaming ?? path.win32.join(home, 'AppData', 'Roaming'), name);
		}

		case 'darwin':
			return path.posix.join(home, 'Library', 'Application Support', name);
		default: {
			const config = absoluteFolder(path.posix, environment['XDG_CONFIG_HOME']);
			return path.posix.join(config ?? path.posix.join(home, '.config'), name);
		}
	}
}

/** Where the certificates of services stand that somebody accepted. */
export function knownServicesFile(surroundings: Surroundings): string {
	const rules = surroundings.platform === 'win32' ? path.win32 : path.posix;
	return rules.join(configFolder(surroundings), 'services.json');
}

/** Where the clusters stand that are worked on unless another file is named. */
export function defaultClusterFile(surroundings: Surroundings): string {
	const rules = surroundings.platform === 'win32' ? path.win32 : path.posix;
	return rules.join(configFolder(surroundings), 'clusters.yaml');
}
