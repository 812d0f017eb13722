import path from 'node:path';
import type {ExitCode} from '../domain/user-error.ts';
import {defaultPort} from '../transport/http/api/paths.ts';
import {isScope, scopes} from '../transport/http/api/scopes.ts';
import {type Arguments, wholeNumber} from './arguments.ts';
import {serveCommand} from './serve-service.ts';
import {defaultServiceFolder} from './service-folder.ts';
import {createToken, listTokens, revokeToken} from './serve-tokens.ts';
import {UsageError} from './usage-error.ts';

const unitsMs: Readonly<Record<string, number>> = {m: 60_000, h: 3_600_000, d: 86_400_000};
const longestMs = 3650 * 86_400_000;

/** `dms-upgrade serve`, as the command line asks for it. */
export async function runServe(input: readonly string[], flags: Arguments['flags']): Promise<ExitCode> {
	const [what, ...rest] = input;
	const folder = path.resolve(
		flags.folder ??
			(flags.practice === undefined ? defaultServiceFolder() : path.join(flags.practice, 'service')),
	);
	const telling = {
		folder,
		json: flags.json === true,
		write: (text: string) => void process.stdout.write(text),
	};
	if (what !== 'revoke' && rest.length > 0) {
		throw new UsageError(`dms-upgrade serve ${what ?? ''} takes flags only.`);
	}

	switch (what) {
		case undefined:
			return serveCommand({
				...telling,
				host: flags.host ?? '127.0.0.1',
				port: wholeNumber('port', flags.port, {min: 0, max: 65_535}) ?? defaultPort,
				plainHttp: flags.plainHttp === true,
				failover: flags.failover === true,
				...certificateOf(flags),
				...(flags.switchOver?.[0] !== undefined && {
					switchOver: [flags.switchOver[0], ...flags.switchOver.slice(1)] as const,
				}),
				...(flags.log !== undefined && {log: flags.log}),
				...(flags.practice !== undefined && {practice: path.resolve(flags.practice)}),
				notice: text => void process.stderr.write(text),
			});
		case 'token':
			return createToken({...telling, ...tokenOf(flags)});
		case 'tokens':
			return listTokens(telling);
		case 'revoke': {
			const [id] = rest;
			if (id === undefined || rest.length > 1) {
				throw new UsageError('Which token? dms-upgrade serve revoke ID', [
					'dms-upgrade serve tokens lists them.',
				]);
			}

			return revokeToken({...telling, id});
		}

		default:
			throw new UsageError(`There is no command "serve ${what}".`);
	}
}

function certificateOf({certificate, key, plainHttp}: Arguments['flags']) {
	if ((certificate === undefined) !== (key === undefined)) {
		throw new UsageError('A certificate needs its key: --certificate FILE --key FILE.');
	}

	if (certificate !== undefined && plainHttp) {
		throw new UsageError('With --plain-http there is no certificate to show.');
	}

	return certificate !== undefined && key !== undefined
		? {certificate: {certificateFile: path.resolve(certificate), keyFile: path.resolve(key)}}
		: {};
}

function tokenOf({name, scope, expires}: Arguments['flags']) {
	if (name === undefined || !/^[^\u0000-\u001F\u007F]{1,100}$/.test(name)) {
		throw new UsageError('Who is the token for? --name NAME, of at most 100 characters.');
	}

	if (scope === undefined || !isScope(scope)) {
		throw new UsageError(`What may it be used for? --scope ${scopes.join('|')}`);
	}

	const [, count = '30', unit = 'd'] =
		expires === undefined ? [] : (/^(\d{1,6})([mhd])$/.exec(expires) ?? [, '0']);
	const lifetimeMs = Number(count) * (unitsMs[unit] ?? 0);
	if (lifetimeMs <= 0 || lifetimeMs > longestMs) {
		throw new UsageError(`--expires ${expires ?? ''} is no time, or more than ten years.`, [
			'Write minutes, hours or days, such as 90m, 12h or 30d.',
		]);
	}

	return {name, scope, lifetimeMs};
}
