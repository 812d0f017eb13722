import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {Scope} from '../../source/transport/http/api/scopes.ts';
import type {HttpServiceOptions} from '../../source/transport/http/service/http-service.ts';
import {LocalMachine} from '../../source/transport/local/local-machine.ts';
import {practiceWire} from '../../source/transport/local/local-wire.ts';
import {type ServiceForTest, aService} from './an-http-service.ts';

/** A folder that stands for a Windows server with next to nothing on it; its certutil.exe is real. */
export async function aPracticeFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-practice-'));
	await mkdir(join(folder, 'C', 'Skyline DataMiner'), {recursive: true});
	await mkdir(join(folder, 'programs'));
	await program(
		folder,
		'certutil.exe',
		`file="$PWD$(printf '%s' "\${2#C:}" | tr '\\\\' /)"
hash=$(sha256sum "$file" | cut -d' ' -f1) || exit 1
printf 'SHA256 hash of %s:\\n%s\\n' "$2" "$hash"`,
	);
	onTestFinished(() => rm(folder, {recursive: true, force: true}));
	return folder;
}

/** Puts a program there, as lines for `sh`. */
export async function program(folder: string, name: string, script: string): Promise<void> {
	await writeFile(join(folder, 'programs', name), `#!/bin/sh\n${script}\n`);
	await chmod(join(folder, 'programs', name), 0o755);
}

export interface ServedPractice extends ServiceForTest {
	/** `http://127.0.0.1:…` */
	readonly url: string;
	readonly practice: string;
	/** What it logged. */
	readonly log: () => string;
	/** Asks over HTTP, with a new token of this scope or with the one that is given. */
	readonly ask: (method: string, path: string, options?: AskOptions) => Promise<Response>;
}

export interface AskOptions {
	readonly scope?: Scope;
	readonly token?: string;
	/** Goes as JSON. */
	readonly body?: unknown;
	readonly bytes?: Buffer;
	readonly headers?: Record<string, string>;
	readonly signal?: AbortSignal;
}

/** The service before a practice folder, in plain HTTP on loopback; both end with the test. */
export async function aServedPractice(
	options: Partial<HttpServiceOptions> = {},
	practice?: string,
): Promise<ServedPractice> {
	const folder = practice ?? (await aPracticeFolder());
	const arriving = join(folder, 'C', 'ProgramData', 'dms-upgrade', 'incoming');
	const machine = new LocalMachine({
		address: 'PRACTICE',
		wire: practiceWire(folder, process.env),
		settledFolder: join(arriving, 'uploads'),
	});
	const agent = new DataMinerAgent({agent: 'PRACTICE', machine, clock: systemClock});
	let log = '';
	const served = await aService(agent, {
		tls: undefined,
		folder: arriving,
		log: {write: line => void (log += line)},
		...options,
	});
	onTestFinished(async () => {
		await served.stop();
		await agent.close();
	});
	const tokens = new Map<Scope, Promise<string>>();
	const tokenFor = (scope: Scope) => {
		const known = tokens.get(scope) ?? served.tokenFor(scope);
		tokens.set(scope, known);
		return known;
	};
	return {
		...served,
		url: served.service.url,
		practice: folder,
		log: () => log,
		async ask(method, path, {scope = 'upgrade', token, body, bytes, headers, signal} = {}) {
			return fetch(`${served.service.url}${path}`, {
				method,
				headers: {
					authorization: `Bearer ${token ?? (await tokenFor(scope))}`,
					...(body !== undefined && {'content-type': 'application/json'}),
					...headers,
				},
				...(body !== undefined && {body: JSON.stringify(body)}),
				...(bytes && {body: new Uint8Array(bytes)}),
				...(signal && {signal}),
			});
		},
	};
}

/** The headers with which tus begins the upload of a package. */
export function tusHeaders(sha256: string, size: number, name = 'package.dmupgrade'): Record<string, string> {
	const base64 = (text: string) => Buffer.from(text).toString('base64');
	return {
		'tus-resumable': '1.0.0',
		'upload-length': String(size),
		'upload-metadata': `filename ${base64(name)},sha256 ${base64(sha256)}`,
	};
}
