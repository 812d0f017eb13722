import type {AgentId} from '../domain/agent.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {endingOf} from '../domain/upgrade-log.ts';
import {UserError} from '../domain/user-error.ts';
import {linesToCome} from './log-lines.ts';
import type {RunContext} from './run-context.ts';

/**
 * Reads on in the log of an upgrade that ended well, while its Agent is verified: it may still say that the upgrade
 * failed (RN 40348). That the log cannot be had says nothing; the verification itself asks the Agent.
 */
export class LateLines {
	readonly #run: RunContext;
	readonly #agent: AgentId;
	readonly #receipt: LaunchReceipt;
	readonly #ended = new AbortController();
	#contradiction: string | undefined;
	#defect: Error | undefined;

	constructor(run: RunContext, agent: AgentId, receipt: LaunchReceipt) {
		this.#run = run;
		this.#agent = agent;
		this.#receipt = receipt;
		const {lastProgress, retrying} = run.agent(agent);
		// An earlier runner may have written it down and not lived to act on it.
		const heard = lastProgress && !retrying ? endingOf(lastProgress) : undefined;
		this.#contradiction = heard?.ended === 'badly' ? heard.reason : undefined;
		void this.#listen();
	}

	/** What the log says after all; undefined while it says nothing of the kind. */
	get contradiction(): string | undefined {
		if (this.#defect) {
			throw this.#defect;
		}

		return this.#contradiction;
	}

	/** Nothing is read or written down any more. */
	end(): void {
		this.#ended.abort();
	}

	async #listen(): Promise<void> {
		const {clock, limits} = this.#run;
		const {signal} = this.#ended;
		while (!signal.aborted && this.#contradiction === undefined && !this.#defect) {
			try {
				await this.#read(signal);
			} catch (error) {
				this.#defect = error instanceof UserError ? undefined : (error as Error);
			}

			// Ends early only with the signal, which the loop then sees.
			await clock.sleep(limits.poll, signal).catch(() => undefined);
		}
	}

	async #read(signal: AbortSignal): Promise<void> {
		const run = this.#run;
		for await (const {line, nextOffset} of linesToCome(run, this.#agent, this.#receipt, signal)) {
			if (signal.aborted) {
				return;
			}

			await run.record({type: 'agent.progressed', agent: this.#agent, line, nextOffset});
			const ending = endingOf(line);
			if (ending?.ended === 'badly') {
				this.#contradiction = ending.reason;
				return;
			}
		}
	}
}
