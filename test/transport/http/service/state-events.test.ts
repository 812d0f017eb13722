import {type EventSourceMessage, createParser} from 'eventsource-parser';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {AgentStatus} from '../../../../source/domain/agent-status.ts';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {aService} from '../../../support/an-http-service.ts';
import {eventually} from '../../../support/eventually.ts';

/** A service before an Agent whose state the test sets. */
async function aWatchedAgent() {
	let status: AgentStatus = {state: 'Running', freeBytes: 1000};
	let looks = 0;
	const agent = aServedAgent({
		status() {
			looks += 1;
			return Promise.resolve(status);
		},
	});
	const served = await aService(agent, {tls: undefined});
	onTestFinished(() => served.stop());
	const token = await served.tokenFor('read');
	return {
		become: (next: AgentStatus) => {
			status = next;
		},
		looks: () => looks,
		watch: async (last?: string) => {
			const stop = new AbortController();
			onTestFinished(() => stop.abort());
			const response = await fetch(`${served.service.url}/v1/status/events?pollMs=1000`, {
				headers: {authorization: `Bearer ${token}`, ...(last !== undefined && {'last-event-id': last})},
				signal: stop.signal,
			});
			const events: EventSourceMessage[] = [];
			const parser = createParser({onEvent: event => void events.push(event)});
			const over = (async () => {
				for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
					parser.feed(chunk);
				}
			})();
			over.catch(() => undefined);
			const states = () => events.map(({data}) => (JSON.parse(data) as AgentStatus).state);
			return {response, events, states, over, stop};
		},
	};
}

describe('the state of an Agent as events', () => {
	test('is told as it is, and whenever it becomes another one', async () => {
		const {become, looks, watch} = await aWatchedAgent();
		const {events, states} = await watch();
		await eventually(() => events.length === 1);
		become({state: 'Running', freeBytes: 999});
		const before = looks();
		await eventually(() => looks() > before);
		become({state: 'Not running', freeBytes: 999});
		await eventually(() => events.length === 2);
		expect(states()).toEqual(['Running', 'Not running']);
		expect(events.map(({event}) => event)).toEqual(['state', 'state']);
	});

	test('goes on where the client lost it: nothing twice, nothing left out', async () => {
		const {become, looks, watch} = await aWatchedAgent();
		const first = await watch();
		await eventually(() => first.events.length === 1);
		first.stop.abort();
		const again = await watch(first.events[0]!.id);
		const before = looks();
		await eventually(() => looks() > before + 1);
		expect(again.events).toEqual([]);
		again.stop.abort();
		become({state: 'Starting'});
		const late = await watch(first.events[0]!.id);
		await eventually(() => late.events.length === 1);
		expect(late.states()).toEqual(['Starting']);
	});

	test('ends with what went wrong when the Agent cannot be looked at', async () => {
		const served = await aService(aServedAgent(), {tls: undefined});
		onTestFinished(() => served.stop());
		const response = await fetch(`${served.service.url}/v1/status/events`, {
			headers: {authorization: `Bearer ${await served.tokenFor('read')}`},
		});
		expect(await response.text()).toMatch(/^event: failure\ndata: \{"code":"NOT_TOLD"/m);
	});

	test('is not looked at more often than once a second', async () => {
		const served = await aService(aServedAgent(), {tls: undefined});
		onTestFinished(() => served.stop());
		const headers = {authorization: `Bearer ${await served.tokenFor('read')}`};
		expect((await fetch(`${served.service.url}/v1/status/events?pollMs=999`, {headers})).status).toBe(400);
	});
});
