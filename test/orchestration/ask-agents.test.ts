import {describe, expect, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import type {AgentStatus} from '../../source/domain/agent-status.ts';
import {askAgents} from '../../source/orchestration/ask-agents.ts';
import {ManualClock} from '../support/manual-clock.ts';

const status: AgentStatus = {state: 'Running'};

/** Agents that answer as they are told to; nothing else is asked of them. */
function agents(answers: Readonly<Record<string, (signal?: AbortSignal) => Promise<AgentStatus>>>) {
	return new Map(
		Object.entries(answers).map(([agent, answer]) => [
			agent,
			{
				agent,
				identify: () => Promise.resolve({name: agent, members: []}),
				status: answer,
			} as unknown as AgentConnection,
		]),
	);
}

describe('asking all Agents once', () => {
	test('the answers stand in the order of the cluster, whoever was first', async () => {
		const slow = Promise.withResolvers<AgentStatus>();
		const asked = askAgents({
			clock: new ManualClock(0),
			connections: agents({A: () => slow.promise, B: () => Promise.resolve(status)}),
			onReply: () => slow.resolve(status),
		});
		expect([...(await asked).keys()]).toEqual(['A', 'B']);
	});

	test('one that says nothing is given up after the limit, and told to stop', async () => {
		const clock = new ManualClock(0);
		const replied = Promise.withResolvers<undefined>();
		let told: AbortSignal | undefined;
		const asked = askAgents({
			clock,
			limit: 5000,
			connections: agents({
				A: signal => {
					told = signal;
					return new Promise(() => undefined);
				},
				B: () => Promise.resolve(status),
			}),
			onReply: () => replied.resolve(undefined),
		});
		await replied.promise;
		clock.advance(5000);
		const reply = (await asked).get('A');
		expect(reply).toMatchObject({failure: {code: 'NO_ANSWER', message: 'A did not answer within 5 s.'}});
		expect(told?.aborted).toBe(true);
		expect(clock.sleeping).toBe(0);
	});

	test('no more are asked at the same time than wanted', async () => {
		let now = 0;
		let most = 0;
		const answer = async () => {
			now += 1;
			most = Math.max(most, now);
			await new Promise(resolve => setImmediate(resolve));
			now -= 1;
			return status;
		};
		const connections = agents(
			Object.fromEntries(Array.from({length: 20}, (_, index) => [`A${index}`, answer])),
		);
		expect((await askAgents({clock: new ManualClock(0), connections, atOnce: 3})).size).toBe(20);
		expect(most).toBe(3);
	});

	test('stopping ends it', async () => {
		const stopping = new AbortController();
		const asked = askAgents({
			clock: new ManualClock(0),
			signal: stopping.signal,
			connections: agents({A: () => new Promise(() => undefined)}),
		});
		stopping.abort(new Error('stopped'));
		await expect(asked).rejects.toThrow('stopped');
	});

	test('what nobody foresaw is not taken for a silent Agent', async () => {
		const asked = askAgents({
			clock: new ManualClock(0),
			connections: agents({A: () => Promise.reject(new TypeError('a defect'))}),
		});
		await expect(asked).rejects.toThrow('a defect');
	});
});
