import {randomBytes} from 'node:crypto';
import type {FailoverPolicy} from '../domain/failover-policy.ts';
import {assumedDefaultPolicy} from '../domain/failover-policy.ts';
import type {OpenPackage} from '../package/open-package.ts';
import {LocalUpgrade} from './local-upgrade.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import type {UpgradeInfo} from './upgrade-info.ts';

/** Whom an UpgradeInfo.xml names; as text, why nobody can be upgraded. */
export function agentsToUpgrade(
	leader: SimulatedAgent,
	info: UpgradeInfo,
): readonly SimulatedAgent[] | string {
	const chosen = new Set<SimulatedAgent>();
	for (const address of info.isCluster ? leader.members.map(member => member.address) : info.agents) {
		const agent = findMember(leader, address);
		if (!agent || (agent !== leader && agent.faults.active('unreachable', agent.name))) {
			return `The upgrade package could not be uploaded to ${address}.`;
		}

		if (agent.upgrading !== undefined) {
			return `DataMiner is currently upgrading (${agent.name}, ${agent.upgrading}).`;
		}

		chosen.add(agent);
	}

	return [...chosen];
}

/**
 * The Agent on which the upgrade was launched brings the package to the others, has every prerequisite run, and has
 * the Agents upgrade themselves in the order of the Failover policy. True when all of them ended well.
 * Source: General_Feature_Release_10.6.6.md (RN 45312), Preparing_to_upgrade_a_DataMiner_Agent.md
 */
export async function upgradeAgents(
	leader: SimulatedAgent,
	agents: readonly SimulatedAgent[],
	opened: OpenPackage,
	info: UpgradeInfo,
	signal: AbortSignal,
): Promise<boolean> {
	const order = {opened, options: info.options, id: randomBytes(16).toString('hex')};
	const upgrades: LocalUpgrade[] = [];
	const leftOut = agents.filter(agent => agent !== leader && agent.faults.bites('left-out', agent.name));
	try {
		// The leader's log comes first, since the others tell it what they do.
		for (const agent of agents
			.filter(one => !leftOut.includes(one))
			.sort((a, b) => Number(b === leader) - Number(a === leader))) {
			const relay = upgrades.find(one => one.agent === leader)?.log;
			upgrades.push(await LocalUpgrade.begin(agent, order, relay));
		}

		for (const {address} of leftOut) {
			await upgrades[0]?.log.write(
				'notice',
				`The connection with ${address} is unstable. It is not upgraded.`,
			);
		}

		const signalOf = (agent: SimulatedAgent) => (agent === leader ? signal : agent.time.ended);
		if (!(await all(upgrades.map(async one => one.verifyPrerequisites(signalOf(one.agent)))))) {
			await Promise.all(upgrades.map(async one => one.fail('One or more prerequisites failed')));
			return false;
		}

		const carriedOut = await inWaves(upgrades, leader, info.policy, signalOf);
		const itself = upgrades.find(one => one.agent === leader && !one.ended);
		return ((await itself?.succeed()) ?? true) && carriedOut;
	} finally {
		for (const upgrade of upgrades) {
			upgrade.end('killed');
		}
	}
}

async function inWaves(
	upgrades: readonly LocalUpgrade[],
	leader: SimulatedAgent,
	policy: FailoverPolicy,
	signalOf: (agent: SimulatedAgent) => AbortSignal,
): Promise<boolean> {
	const order = policy === 'UseDefault' ? assumedDefaultPolicy : policy;
	const backups =
		order === 'Simultaneously' ? [] : upgrades.filter(one => one.agent.failover?.role === 'offline');
	const others = upgrades.filter(one => !backups.includes(one));
	// The leader relays what the others do, so that its own log ends last.
	const one = async (upgrade: LocalUpgrade) => {
		const done = await upgrade.carryOut(signalOf(upgrade.agent));
		return done && (upgrade.agent === leader || upgrade.succeed());
	};
	const wave = async (members: readonly LocalUpgrade[]) => all(members.map(one));
	// Those of the others have ended when pairs are switched over.
	const openLog = upgrades[0]?.log;
	if (!(await wave(backups)) || !(await switchTo(backups, openLog))) {
		await Promise.all(others.map(async one => one.fail('The upgrade of the backup Agents did not succeed')));
		return false;
	}

	if (!(await wave(others))) {
		return false;
	}

	const mains = backups.length > 0 && order === 'BackupFirstWithSwitchback' ? others : [];
	return switchTo(mains, openLog);
}

/** True when all are; waits for every one, also where one rejects: the others go on without it. */
async function all(outcomes: readonly Promise<boolean>[]): Promise<boolean> {
	await Promise.allSettled(outcomes);
	return (await Promise.all(outcomes)).every(Boolean);
}

/** Brings these Agents online, where they are part of a pair, as soon as DataMiner runs on both sides. */
async function switchTo(
	upgrades: readonly LocalUpgrade[],
	openLog: LocalUpgrade['log'] | undefined,
): Promise<boolean> {
	const problems = await Promise.all(
		upgrades.map(async ({agent}) => {
			await agent.untilRunning();
			const problem = await agent.failover?.switchOver();
			await openLog?.write(
				problem === undefined ? 'information' : 'error',
				problem === undefined ? `${agent.name} is online.` : `${agent.name}: ${problem}`,
			);
			return problem;
		}),
	);
	return problems.every(problem => problem === undefined);
}

function findMember(leader: SimulatedAgent, address: string): SimulatedAgent | undefined {
	const wanted = address.toLowerCase();
	return wanted === 'localhost'
		? leader
		: leader.members.find(member => member.address === address || member.name.toLowerCase() === wanted);
}
