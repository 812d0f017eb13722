import {describe, expect, test} from 'vitest';
import {SharedWork} from '../../../../source/transport/http/service/shared-work.ts';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {aService} from '../../../support/an-http-service.ts';
import {eventually} from '../../../support/eventually.ts';

/** Work that ends when it is told to, with its number. */
function steppedWork() {
	const begun: PromiseWithResolvers<number>[] = [];
	const shared = new SharedWork(() => {
		const step = Promise.withResolvers<number>();
		begun.push(step);
		return step.promise;
	});
	return {begun, shared};
}

describe('shared work', () => {
	test('is done again, once, for all who asked after it had begun', async () => {
		const {begun, shared} = steppedWork();
		const first = [shared.ask(), shared.ask()];
		await eventually(() => begun.length === 1);
		const later = Array.from({length: 50}, () => shared.ask());
		begun[0]!.resolve(1);
		expect(await Promise.all(first)).toEqual([1, 1]);
		await eventually(() => begun.length === 2);
		begun[1]!.resolve(2);
		expect(new Set(await Promise.all(later))).toEqual(new Set([2]));
		expect(begun).toHaveLength(2);
	});

	test('that fails, fails for those who share it, and for nobody after them', async () => {
		const {begun, shared} = steppedWork();
		const first = [shared.ask(), shared.ask()];
		await eventually(() => begun.length === 1);
		const later = shared.ask();
		begun[0]!.reject(new Error('once'));
		expect((await Promise.allSettled(first)).map(({status}) => status)).toEqual(['rejected', 'rejected']);
		await eventually(() => begun.length === 2);
		begun[1]!.resolve(2);
		expect(await later).toBe(2);
	});
});

test('however many ask how the Agent is and go away, it is looked at no more often for that', async () => {
	const over = Promise.withResolvers<undefined>();
	let looks = 0;
	const served = await aService(
		aServedAgent({
			async status() {
				looks += 1;
				await over.promise;
				return {state: 'Running'};
			},
		}),
		{tls: undefined},
	);
	const headers = {authorization: `Bearer ${await served.tokenFor('read')}`};
	const ask = (signal?: AbortSignal) =>
		fetch(`${served.service.url}/v1/status`, {headers, ...(signal && {signal})});
	try {
		const first = ask();
		await eventually(() => looks === 1);
		const leaving = new AbortController();
		const gone = Array.from({length: 60}, () => ask(leaving.signal));
		// What was asked before it on other connections has arrived, too, once this is answered.
		await fetch(`${served.service.url}/v1/agent`, {headers});
		leaving.abort();
		await Promise.allSettled(gone);
		over.resolve(undefined);
		expect((await first).status).toBe(200);
		expect((await ask()).status).toBe(200);
		expect(looks).toBeLessThanOrEqual(3);
	} finally {
		over.resolve(undefined);
		await served.stop();
	}
});
