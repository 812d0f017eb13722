import {SshJumpLoopError} from './config-errors.ts';
import type {HostSettings, HostTarget} from './host-settings.ts';
import {resolveHost} from './resolve-host.ts';
import type {Surroundings} from './surroundings.ts';

/** Hosts on a way; more than any network needs. */
const longestWay = 16;

/**
 * Reads the configuration for a host and for all hosts on the way to it, and gives them in the order in which they are
 * connected to; the host itself comes last. Each host of a `ProxyJump` is reached over those before it, and the first
 * of them as the configuration says for it, which may be over others again.
 * @throws what `resolveHost` throws, and SshJumpLoopError for a way without an end
 */
export async function resolveRoute(
	target: HostTarget,
	surroundings: Surroundings,
): Promise<readonly HostSettings[]> {
	const route: HostSettings[] = [];
	let next: HostTarget | undefined = target;
	while (next) {
		if (route.length === longestWay) {
			throw new SshJumpLoopError(
				target.host,
				route.map(({host}) => host),
			);
		}

		const settings: HostSettings = await resolveHost(next, surroundings);
		route.unshift(settings);
		const before = settings.jumpHosts.slice(0, -1);
		const jump = settings.jumpHosts.at(-1);
		next = jump && {...jump, ...(before.length > 0 ? {jumpHosts: before} : {})};
	}

	return route;
}
