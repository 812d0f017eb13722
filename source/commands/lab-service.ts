import packageFile from '../../package.json' with {type: 'json'};
import {DataMinerAgent} from '../agent/dataminer-agent.ts';
import type {InstalledService, ServiceSite} from '../lab/service-site.ts';
import {serviceCertificate} from '../transport/http/service/certificate.ts';
import {startHttpService} from '../transport/http/service/http-service.ts';
import type {ServiceLimits} from '../transport/http/service/service-limits.ts';
import {Tokens} from '../transport/http/service/tokens.ts';
import {systemClock} from './system-clock.ts';

/** No practice cluster lives longer. */
const tokenLifetimeMs = 365 * 24 * 60 * 60_000;

/** The service of this program on an Agent of a practice cluster, as `dms-upgrade serve` runs on a real one. */
export async function serveOnLabAgent(
	site: ServiceSite,
	limits: Partial<ServiceLimits> = {},
): Promise<InstalledService> {
	const {name, address, folder, now, speed, failover, switchOver} = site;
	const {key, certificate, fingerprint} = await serviceCertificate(folder, [address, name], now());
	const tokens = new Tokens(folder, now);
	const {secret} = await tokens.create('practice', 'upgrade', tokenLifetimeMs);
	return {
		certificate: fingerprint,
		token: secret,
		async start(machine) {
			const agent = new DataMinerAgent({
				agent: name,
				machine,
				clock: {...systemClock, now},
				settings: {speed, failover, ...(switchOver && {switchOver})},
			});
			return startHttpService({
				agent,
				version: packageFile.version,
				host: '127.0.0.1',
				port: 0,
				tls: {key, certificate},
				tokens,
				folder,
				now,
				limits,
			});
		},
	};
}
