import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import type {Prompts, SecretQuestion} from '../../source/agent/prompts.ts';
import {answeringFrom} from '../../source/commands/answer-book.ts';
import {serviceOn} from '../../source/commands/service-access.ts';
import {SshAccess} from '../../source/commands/ssh-access.ts';
import type {InventoryAgent} from '../../source/config/inventory.ts';
import {aServedAgent} from '../support/a-served-agent.ts';
import {type ServiceForTest, aService} from '../support/an-http-service.ts';

let service: ServiceForTest;
let token: string;
let agent: InventoryAgent;
beforeEach(async () => {
	const config = await mkdtemp(join(tmpdir(), 'dms-upgrade-prompts-'));
	const before = process.env['XDG_CONFIG_HOME'];
	process.env['XDG_CONFIG_HOME'] = config;
	service = await aService(
		aServedAgent({lockHolder: () => Promise.resolve(undefined), restart: () => Promise.resolve()}),
		{
			limits: {requestMs: 300},
		},
	);
	token = await service.tokenFor('read');
	agent = {
		name: 'DMA-01',
		address: '127.0.0.1',
		service: {port: service.service.port, plain: false, switchOver: false},
	};
	onTestFinished(async () => {
		await service.stop();
		await rm(config, {recursive: true});
		if (before === undefined) {
			delete process.env['XDG_CONFIG_HOME'];
		} else {
			process.env['XDG_CONFIG_HOME'] = before;
		}
	});
});

/** Somebody who gives these answers, one after the other, and trusts what the fingerprint is of. */
function somebody(...answers: readonly (string | undefined)[]) {
	const asked: SecretQuestion[] = [];
	const prompts: Prompts = {
		askHostKey: ({fingerprint}) => Promise.resolve(fingerprint === service.place.certificate),
		askSecret(question) {
			asked.push(question);
			return Promise.resolve(answers[asked.length - 1]);
		},
	};
	return {asked, prompts};
}

async function holderOf(access: SshAccess, of: InventoryAgent = agent): Promise<unknown> {
	const connection = serviceOn(of, access);
	try {
		return await connection.lockHolder();
	} finally {
		await connection.close();
	}
}

describe('the token of a service for which no file holds one', () => {
	test('is asked for once, unseen, whatever asks for it', async () => {
		const {asked, prompts} = somebody(` ${token}\n`);
		const access = new SshAccess({prompts});
		await Promise.all([holderOf(access), holderOf(access), holderOf(access)]);
		expect(asked).toHaveLength(1);
		expect(asked[0]).toMatchObject({kind: 'token', echo: false, again: false});
	});

	test('is asked for again where the service refuses it, with the reason', async () => {
		const {asked, prompts} = somebody('dmsu_a-token-that-nobody-ever-made', token);
		const access = new SshAccess({prompts});
		await Promise.all([holderOf(access), holderOf(access)]);
		expect(asked).toMatchObject([
			{again: false, instructions: ''},
			{again: true, instructions: 'The service on DMA-01 refused: there is no such token.'},
		]);
	});

	test('is asked for again where it does not allow what is wanted', async () => {
		const {asked, prompts} = somebody(token, await service.tokenFor('upgrade'));
		const connection = serviceOn(agent, new SshAccess({prompts}));
		await connection.lockHolder();
		await connection.restart();
		await connection.close();
		expect(asked[1]?.instructions).toMatch(/the token allows “read”, and this needs “upgrade”/);
	});

	test('goes nowhere when it cannot be one', async () => {
		const {asked, prompts} = somebody('not at all: €', token);
		await holderOf(new SshAccess({prompts}));
		expect(asked).toMatchObject([{again: false}, {again: true}]);
		expect(asked[1]?.instructions).toMatch(/a token begins with dmsu_/);
	});

	test('stays refused, with the reason, where nobody gives a better one, and is not sent once more', async () => {
		const {asked, prompts} = somebody(token);
		const access = new SshAccess({prompts});
		await holderOf(access);
		const runner = new SshAccess({prompts: answeringFrom(access.handover!)});
		const {tokens} = await service.tokens.list();
		await Promise.all(tokens.map(({id}) => service.tokens.revoke(id)));
		for (const who of [runner, runner, access, access]) {
			await expect(holderOf(who)).rejects.toMatchObject({code: 'TOKEN_REFUSED', exitCode: 5});
		}

		expect(asked).toHaveLength(2);
	});

	test('is handed to the process that carries a run out, which can ask nobody', async () => {
		const access = new SshAccess({prompts: somebody(token).prompts});
		await holderOf(access);
		const runner = new SshAccess({prompts: answeringFrom(access.handover!)});
		await expect(holderOf(runner)).resolves.toBeUndefined();
	});

	test('is missing where nobody is there, or does not want to give it; then it is not asked for again', async () => {
		await expect(holderOf(new SshAccess())).rejects.toMatchObject({code: 'CERTIFICATE_UNKNOWN', exitCode: 5});
		const pinned = {...agent, service: {...agent.service!, certificate: service.place.certificate!}};
		await expect(holderOf(new SshAccess(), pinned)).rejects.toMatchObject({
			code: 'TOKEN_MISSING',
			exitCode: 5,
			message: expect.stringContaining('nobody is there to be asked') as string,
		});
		const {asked, prompts} = somebody(undefined, token);
		const access = new SshAccess({prompts});
		await expect(holderOf(access, pinned)).rejects.toMatchObject({code: 'TOKEN_MISSING'});
		await expect(holderOf(access, pinned)).rejects.toMatchObject({code: 'TOKEN_MISSING'});
		expect(asked).toHaveLength(1);
		access.askAgain();
		await sleep(0);
		await expect(holderOf(access, pinned)).resolves.toBeUndefined();
	});
});

test('a certificate may be thought about for longer than the service waits for a request', async () => {
	const {prompts} = somebody(token);
	const thoughtful: Prompts = {
		...prompts,
		askHostKey: async (question, signal) => {
			// The service ends a connection on which nothing was asked for 300 ms.
			await sleep(900);
			return prompts.askHostKey(question, signal);
		},
	};
	await expect(holderOf(new SshAccess({prompts: thoughtful}))).resolves.toBeUndefined();
});
