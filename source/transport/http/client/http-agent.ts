import * as z from 'zod';
import {
	type AgentConnection,
	AgentError,
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
} from '../../../agent/connection.ts';
import {ConnectionLostError} from '../../../agent/machine-errors.ts';
import type {AgentIdentity, AgentStatus, PrerequisiteResult} from '../../../domain/agent-status.ts';
import type {AgentSurvey} from '../../../domain/agent-survey.ts';
import type {AgentId} from '../../../domain/agent.ts';
import type {Clock} from '../../../domain/clock.ts';
import type {LaunchReceipt, LockHolder} from '../../../domain/run-event.ts';
import {
	holderSchema,
	identityFromWire,
	identitySchema,
	progressLineSchema,
	statusSchema,
} from '../api/agent-schemas.ts';
import {launchResultSchema, lockResultSchema} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {servedPollMs} from '../api/polling.ts';
import {surveySchema} from '../api/survey-schema.ts';
import {type OperationOrder, carryOut} from './operations.ts';
import {runTestsThroughService} from './prerequisites.ts';
import {eventData, serverEvents} from './server-events.ts';
import type {ServiceClient} from './service-client.ts';
import {stageThroughService} from './staging.ts';

export interface HttpAgentOptions {
	/** Becomes the Agent's own: closed with it. */
	readonly client: ServiceClient;
	readonly clock: Clock;
	/** What the file of clusters says; the service is held to it before anything begins. */
	readonly canSwitchOver: boolean;
}

const aboutSchema = z.object({canSwitchOver: z.boolean(), now: z.number()});

/** A DataMiner Agent behind the service of this program. */
export class HttpAgent implements AgentConnection {
	readonly canSwitchOver: boolean;
	readonly #client: ServiceClient;
	readonly #clock: Clock;

	constructor({client, clock, canSwitchOver}: HttpAgentOptions) {
		this.#client = client;
		this.#clock = clock;
		this.canSwitchOver = canSwitchOver;
	}

	get agent(): AgentId {
		return this.#client.agent;
	}

	/** Rejects with `ConnectionCannotError`, too, where the service cannot do what the plan may count on. */
	async identify(signal?: AbortSignal): Promise<AgentIdentity> {
		const [identity, about] = await Promise.all([
			this.#get('identity', 'it was asked who it is', identitySchema, signal),
			this.#get('agent', 'it was asked what it can do', aboutSchema, signal),
		]);
		if (this.canSwitchOver && !about.canSwitchOver) {
			throw this.#cannotSwitchOver('The service on this Agent was started without --switch-over.');
		}

		return identityFromWire(identity);
	}

	status(signal?: AbortSignal): Promise<AgentStatus> {
		return this.#get('status', 'it was asked for its state', statusSchema, signal);
	}

	async survey(signal?: AbortSignal): Promise<AgentSurvey> {
		const before = this.#clock.now();
		const {now} = await this.#get('agent', 'it was asked for its time', aboutSchema, signal);
		const after = this.#clock.now();
		const survey = await this.#get('survey', 'it was looked at', surveySchema, signal);
		const {clock} = survey;
		return clock
			? {
					...survey,
					// The service measured the Agent's clock against its own.
					clock: {
						aheadMs: Math.round(clock.aheadMs + now - (before + after) / 2),
						uncertaintyMs: clock.uncertaintyMs + Math.ceil((after - before) / 2),
					},
				}
			: survey;
	}

	async lockHolder(signal?: AbortSignal): Promise<LockHolder | undefined> {
		const answer = z.object({holder: z.exactOptional(holderSchema)});
		return (await this.#get('lock', 'it was asked who holds its lock', answer, signal)).holder;
	}

	async acquireLock(claim: LockClaim, options: LockOptions): Promise<LockHolder | undefined> {
		const {staleMs, pollMs, takeOver, signal} = options;
		const {taken} = await this.#carryOut({
			path: 'lock',
			body: {claim, staleMs: Math.ceil(staleMs), pollMs: servedPollMs(pollMs), takeOver},
			during: 'its lock was taken',
			result: lockResultSchema,
			...(signal && {signal}),
		});
		return taken;
	}

	async renewLock(claim: LockClaim, signal?: AbortSignal): Promise<void> {
		await this.#post('lock/renewals', 'its lock was renewed', claim, z.null(), signal);
	}

	async releaseLock(claim: LockClaim, signal?: AbortSignal): Promise<void> {
		await this.#post('lock/release', 'its lock was given back', claim, z.null(), signal);
	}

	stagePackage(file: LocalPackage, options: StageOptions): Promise<StagedPackage> {
		return stageThroughService(this.#client, this.#clock, file, options);
	}

	runPrerequisites(
		tests: PrerequisiteFiles,
		options: PrerequisiteOptions,
	): Promise<readonly PrerequisiteResult[]> {
		return runTestsThroughService(this.#client, this.#clock, tests, options);
	}

	launch({run, staged, options, cluster}: LaunchOrder, signal?: AbortSignal): Promise<LaunchReceipt> {
		return this.#carryOut({
			path: 'launches',
			body: {
				run,
				package: this.#packageAt(staged.path),
				options,
				...(cluster && {cluster: {...cluster, addresses: [...cluster.addresses]}}),
			},
			during: 'the upgrade was launched',
			result: launchResultSchema,
			...(signal && {signal}),
		});
	}

	expectUpgrade(packageName: string): Promise<LaunchReceipt> {
		return this.#post(
			'expected-upgrades',
			'it was asked what it has upgraded before',
			{package: packageName},
			launchResultSchema,
		);
	}

	async *followProgress(
		{reference}: LaunchReceipt,
		{offset, pollMs, signal}: FollowProgressOptions,
	): AsyncGenerator<FollowedLine, void, undefined> {
		const query = new URLSearchParams({
			reference,
			offset: String(offset),
			pollMs: String(servedPollMs(pollMs)),
		});
		const during = 'its upgrade was followed';
		try {
			const events = serverEvents(this.#client, {
				path: `${root}/launches/progress?${query.toString()}`,
				during,
				signal,
			});
			for await (const {id, event, data} of events) {
				if (event === 'line') {
					yield {line: eventData(this.#client, data, progressLineSchema), nextOffset: Number(id)};
				}
			}

			// Only we end it: the service was told to stop, or whoever stands between had enough.
			throw new ConnectionLostError(this.#client.address, during);
		} catch (error) {
			if (!signal.aborted) {
				throw error;
			}
		}
	}

	async forgetLaunch(receipt: LaunchReceipt): Promise<number | undefined> {
		const answer = z.object({exitCode: z.exactOptional(z.int())});
		const {exitCode} = await this.#post(
			'launches/forget',
			'what the launch left was removed',
			receipt,
			answer,
		);
		return exitCode;
	}

	async start(signal?: AbortSignal): Promise<void> {
		await this.#act('dataminer/start', 'DataMiner was started', signal);
	}

	async stop(signal?: AbortSignal): Promise<void> {
		await this.#act('dataminer/stop', 'DataMiner was stopped', signal);
	}

	async restart(signal?: AbortSignal): Promise<void> {
		await this.#act('dataminer/restart', 'DataMiner was restarted', signal);
	}

	async switchOver(signal?: AbortSignal): Promise<void> {
		if (!this.canSwitchOver) {
			throw this.#cannotSwitchOver('The file of clusters does not say that its service can.');
		}

		await this.#act('failover/switch-over', 'the pair was switched over', signal);
	}

	close(): Promise<void> {
		this.#client.close();
		return Promise.resolve();
	}

	#cannotSwitchOver(why: string): ConnectionCannotError {
		return new ConnectionCannotError(this.agent, 'switch a Failover pair over', [
			why,
			'Start it with the program that does it: dms-upgrade serve --switch-over PROGRAM; DataMiner documents none.',
			'Or use the policy Simultaneously, which needs no switch-over.',
		]);
	}

	/** The service knows a package by what its folder and its file are called. */
	#packageAt(stagedPath: string): {sha256: string; name: string} {
		const [sha256, name] = stagedPath.split('\\').slice(-2);
		if (sha256 === undefined || name === undefined || !/^[\da-f]{16}$/.test(sha256)) {
			throw new AgentError(
				this.agent,
				'LAUNCH_FAILED',
				`${this.agent} has put the package where no package of this program stands.`,
				['Upload the package again.'],
			);
		}

		return {sha256, name};
	}

	#get<Answer>(
		path: string,
		during: string,
		answer: z.ZodType<Answer>,
		signal?: AbortSignal,
	): Promise<Answer> {
		return this.#client.ask(
			{method: 'GET', path: `${root}/${path}`, during, idempotent: true, ...(signal && {signal})},
			answer,
		);
	}

	/** For what may be asked twice. */
	#post<Answer>(
		path: string,
		during: string,
		json: unknown,
		answer: z.ZodType<Answer>,
		signal?: AbortSignal,
	): Promise<Answer> {
		return this.#client.ask(
			{
				method: 'POST',
				path: `${root}/${path}`,
				during,
				body: {json},
				idempotent: true,
				...(signal && {signal}),
			},
			answer,
		);
	}

	async #act(path: string, during: string, signal?: AbortSignal): Promise<void> {
		await this.#carryOut({path, during, result: z.null(), ...(signal && {signal})});
	}

	#carryOut<Result>(order: OperationOrder<Result>): Promise<Result> {
		return carryOut(this.#client, this.#clock, order);
	}
}
