import type {AgentId} from '../domain/agent.ts';
import type {AgentIdentity, AgentStatus, PrerequisiteResult} from '../domain/agent-status.ts';
import type {AgentSurvey} from '../domain/agent-survey.ts';
import type {Clock} from '../domain/clock.ts';
import type {LaunchReceipt, LockHolder} from '../domain/run-event.ts';
import {type AgentContext, runOrFail} from './agent-context.ts';
import {type AgentSettings, agentPaths, defaultAgentSettings} from './agent-settings.ts';
import {
	type AgentConnection,
	ConnectionCannotError,
	type FollowProgressOptions,
	type FollowedLine,
	type LaunchOrder,
	type LocalPackage,
	type LockClaim,
	type LockOptions,
	type PrerequisiteFiles,
	type PrerequisiteOptions,
	type StageOptions,
	type StagedPackage,
} from './connection.ts';
import {followUpgrade} from './following.ts';
import {identifyAgent} from './identify.ts';
import {expectUpgrade, forgetLaunch, launchUpgrade} from './launching.ts';
import {acquireLock} from './lock-claim.ts';
import {lockHolder, releaseLock, renewLock} from './lock.ts';
import type {Machine} from './machine.ts';
import {runPrerequisites} from './prerequisites.ts';
import {findPackage, packagePath, stagePackage} from './staging.ts';
import {statusOf} from './status.ts';
import {surveyAgent} from './survey.ts';
import {runLocalCommand} from './taskbar-utility.ts';

export interface DataMinerAgentParts {
	readonly agent: AgentId;
	/** Becomes the Agent's own: closed with it. */
	readonly machine: Machine;
	readonly clock: Clock;
	/** What differs from `defaultAgentSettings`. */
	readonly settings?: Partial<AgentSettings>;
}

/** A DataMiner Agent on a machine on which programs can be run and files be read and written. */
export class DataMinerAgent implements AgentConnection {
	readonly agent: AgentId;
	readonly #context: AgentContext;

	constructor({agent, machine, clock, settings}: DataMinerAgentParts) {
		this.agent = agent;
		const all = {...defaultAgentSettings, ...settings};
		this.#context = {agent, machine, clock, settings: all, paths: agentPaths(all)};
	}

	get canSwitchOver(): boolean {
		return this.#context.settings.switchOver !== undefined;
	}

	identify(signal?: AbortSignal): Promise<AgentIdentity> {
		return identifyAgent(this.#context, signal);
	}

	status(signal?: AbortSignal): Promise<AgentStatus> {
		return statusOf(this.#context, signal);
	}

	survey(signal?: AbortSignal): Promise<AgentSurvey> {
		return surveyAgent(this.#context, signal);
	}

	lockHolder(signal?: AbortSignal): Promise<LockHolder | undefined> {
		return lockHolder(this.#context, signal);
	}

	acquireLock(claim: LockClaim, options: LockOptions): Promise<LockHolder | undefined> {
		return acquireLock(this.#context, claim, options);
	}

	renewLock(claim: LockClaim, signal?: AbortSignal): Promise<void> {
		return renewLock(this.#context, claim, signal);
	}

	releaseLock(claim: LockClaim, signal?: AbortSignal): Promise<void> {
		return releaseLock(this.#context, claim, signal);
	}

	/** The package, where the Agent has it already, whole. */
	findPackage(file: Omit<LocalPackage, 'path'>, signal?: AbortSignal): Promise<StagedPackage | undefined> {
		return findPackage(this.#context, file, signal);
	}

	/** Where a package with this SHA-256, or the beginning of it, stands. Throws `UnsafeFileNameError`. */
	packagePath(sha256: string, name: string): string {
		return packagePath(this.#context, sha256, name);
	}

	stagePackage(file: LocalPackage, options: StageOptions): Promise<StagedPackage> {
		return stagePackage(this.#context, file, options);
	}

	runPrerequisites(
		tests: PrerequisiteFiles,
		options: PrerequisiteOptions,
	): Promise<readonly PrerequisiteResult[]> {
		return runPrerequisites(this.#context, tests, options);
	}

	launch(order: LaunchOrder, signal?: AbortSignal): Promise<LaunchReceipt> {
		return launchUpgrade(this.#context, order, signal);
	}

	followProgress(receipt: LaunchReceipt, options: FollowProgressOptions): AsyncIterable<FollowedLine> {
		return followUpgrade(this.#context, receipt, options);
	}

	expectUpgrade(packageName: string): Promise<LaunchReceipt> {
		return expectUpgrade(this.#context, packageName);
	}

	forgetLaunch(receipt: LaunchReceipt): Promise<number | undefined> {
		return forgetLaunch(this.#context, receipt);
	}

	start(signal?: AbortSignal): Promise<void> {
		return runLocalCommand(this.#context, 'start', signal);
	}

	stop(signal?: AbortSignal): Promise<void> {
		return runLocalCommand(this.#context, 'stop', signal);
	}

	restart(signal?: AbortSignal): Promise<void> {
		return runLocalCommand(this.#context, 'restart', signal);
	}

	async switchOver(signal?: AbortSignal): Promise<void> {
		const {switchOver, startStopTimeoutMs} = this.#context.settings;
		if (!switchOver) {
			throw new ConnectionCannotError(this.agent, 'switch a Failover pair over', [
				'Name the program that does it as “switchOver” of this Agent in the inventory; DataMiner documents none.',
				'Or use the policy Simultaneously, which needs no switch-over.',
			]);
		}

		const [program, ...args] = switchOver;
		await runOrFail(
			this.#context,
			{program, args},
			{
				code: 'SWITCH_OVER_FAILED',
				what: `${this.agent} did not take over from its partner`,
				nextSteps: ['Look at Logging\\SLFailover.txt of both Agents of the pair.'],
			},
			{timeoutMs: startStopTimeoutMs, ...(signal && {signal})},
		);
	}

	close(): Promise<void> {
		return this.#context.machine.close();
	}
}
