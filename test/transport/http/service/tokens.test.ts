import {mkdir, readFile, readdir, rename, stat, writeFile, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {scopes} from '../../../../source/transport/http/api/scopes.ts';
import {Tokens} from '../../../../source/transport/http/service/tokens.ts';

describe('tokens', () => {
	let folder: string;
	let now: number;
	let tokens: Tokens;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-tokens-'));
		now = Date.UTC(2026, 0, 15);
		tokens = new Tokens(folder, () => now);
	});
	afterEach(async () => {
		await rm(folder, {recursive: true, force: true});
	});

	test('allow what they are for, and what is weaker', async () => {
		for (const [held, scope] of scopes.entries()) {
			const {secret} = await tokens.create('somebody', scope, 60_000);
			const answers = await Promise.all(scopes.map(needed => tokens.check(secret, needed)));
			expect(answers.map(({is}) => is)).toEqual(
				scopes.map((_, needed) => (needed <= held ? 'valid' : 'too weak')),
			);
		}
	});

	test('are good until they expire, to the millisecond', async () => {
		const {secret} = await tokens.create('somebody', 'read', 60_000);
		now += 59_999;
		expect((await tokens.check(secret, 'read')).is).toBe('valid');
		now += 1;
		expect((await tokens.check(secret, 'read')).is).toBe('expired');
		expect((await tokens.good()).size).toBe(0);
	});

	test('are kept as hashes, for their owner only', async () => {
		const {secret, token} = await tokens.create('somebody', 'upgrade', 60_000);
		expect(secret).toMatch(/^dmsu_[\w-]{43}$/);
		const file = join(folder, 'tokens', `${token.id}.json`);
		expect(await readFile(file, 'utf8')).not.toContain(secret.slice(5));
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect((await stat(join(folder, 'tokens'))).mode & 0o777).toBe(0o700);
	});

	test('that are revoked by another process open nothing any more', async () => {
		const {secret, token} = await tokens.create('somebody', 'read', 60_000);
		expect((await tokens.check(secret, 'read')).is).toBe('valid');
		expect(await new Tokens(folder, () => now).revoke(token.id)).toBe(true);
		expect((await tokens.check(secret, 'read')).is).toBe('unknown');
		expect(await tokens.revoke(token.id)).toBe(false);
	});

	test('may be made and revoked by many at once, and nothing is undone', async () => {
		const doomed = await Promise.all(
			Array.from({length: 20}, async () => tokens.create('doomed', 'read', 60_000)),
		);
		await Promise.all([
			...doomed.map(async ({token}) => new Tokens(folder, () => now).revoke(token.id)),
			...Array.from({length: 20}, async () => new Tokens(folder, () => now).create('made', 'read', 60_000)),
		]);
		expect((await tokens.list()).tokens.map(({name}) => name)).toEqual(Array(20).fill('made'));
		expect(await readdir(join(folder, 'tokens'))).toHaveLength(20);
	});

	test('that are damaged let nobody in, and are named', async () => {
		const good = await tokens.create('good', 'read', 60_000);
		const bad = await tokens.create('bad', 'read', 60_000);
		const file = join(folder, 'tokens', `${bad.token.id}.json`);
		await writeFile(file, '{"half":');
		const others = new Tokens(folder, () => now);
		expect((await others.check(bad.secret, 'read')).is).toBe('unknown');
		expect((await others.check(good.secret, 'read')).is).toBe('valid');
		expect((await others.list()).damaged).toEqual([file]);
	});

	test('that could not be read once are good as soon as they can be', async () => {
		const {secret, token} = await tokens.create('somebody', 'read', 60_000);
		const others = new Tokens(folder, () => now);
		const file = join(folder, 'tokens', `${token.id}.json`);
		await rename(file, `${file}.away`);
		await mkdir(file);
		expect((await others.check(secret, 'read')).is).toBe('unknown');
		expect((await others.list()).damaged).toEqual([file]);
		await rm(file, {recursive: true});
		await rename(`${file}.away`, file);
		expect((await others.check(secret, 'read')).is).toBe('valid');
	});

	test.each(['..', '../../etc/passwd', 'x', '', '00000000-0000-0000-0000-000000000000'])(
		'no file is removed for an id that is none: %j',
		async id => {
			await tokens.create('somebody', 'read', 60_000);
			expect(await tokens.revoke(id)).toBe(false);
			expect((await tokens.list()).tokens).toHaveLength(1);
		},
	);
});
