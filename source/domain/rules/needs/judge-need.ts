import type {AgentNeed, NeedAnswer, NeedFacts} from './need.ts';
import {kept} from './need.ts';
import {judgeHttpsPort, judgePortCheck} from './ports.ts';
import {
	judgeClusterName,
	judgeExpiredUsers,
	judgeGrpcSettings,
	judgeKeyspaces,
	judgeLegacyReports,
	judgeRedirects,
	judgeSoftLaunch,
	judgeSrmStorage,
	judgeUpgradeOptions,
	judgeUploadSize,
} from './settings.ts';
import {
	judgeComputerName,
	judgeDotNet,
	judgeFips,
	judgeSupportedWindows,
	judgeUniversalCrt,
	judgeVisualCpp,
	judgeWindows,
} from './software.ts';
import {
	judgeAppInstall,
	judgeBrokerGateway,
	judgeClusterEndpoints,
	judgeFailoverPair,
	judgeNats,
	judgeNodes,
	judgePolicy,
} from './system.ts';

/** Whether a need is met, by what was found out; never by what was not. */
export function judgeNeed(need: AgentNeed, facts: NeedFacts): NeedAnswer {
	switch (need.kind) {
		case 'dot-net':
			return judgeDotNet(need, facts);
		case 'visual-cpp':
			return judgeVisualCpp(need, facts);
		case 'universal-crt':
			return judgeUniversalCrt(facts);
		case 'windows':
			return judgeWindows(need, facts);
		case 'supported-windows':
			return judgeSupportedWindows(facts);
		case 'computer-name':
			return judgeComputerName(need, facts);
		case 'fips-off':
			return judgeFips(facts);
		case 'upload-size':
			return judgeUploadSize(facts);
		case 'port-check':
			return judgePortCheck(need, facts);
		case 'https-port':
			return judgeHttpsPort(facts);
		case 'brokergateway':
			return judgeBrokerGateway(facts);
		case 'nats-running':
			return judgeNats(need, facts);
		case 'cluster-endpoints':
			return judgeClusterEndpoints(facts);
		case 'soft-launch-off':
			return judgeSoftLaunch(need, facts);
		case 'no-legacy-reports':
			return judgeLegacyReports(facts);
		case 'no-srm-in-xml':
			return judgeSrmStorage(facts);
		case 'no-keyspaces':
			return judgeKeyspaces(facts);
		case 'grpc-settings':
			return judgeGrpcSettings(facts);
		case 'no-redirects':
			return judgeRedirects(facts);
		case 'upgrade-options-unchanged':
			return judgeUpgradeOptions(facts);
		case 'no-expired-users':
			return judgeExpiredUsers(facts);
		case 'no-failover-pair':
			return judgeFailoverPair(need, facts);
		case 'simultaneous-policy':
			return judgePolicy(need, facts);
		case 'plain-cluster-name':
			return judgeClusterName(facts);
		case 'not-two-nodes':
			return judgeNodes(facts);
		case 'no-app-install':
			return judgeAppInstall(facts);
		case 'checked-elsewhere':
			return kept('');
	}
}
