import {visibleText} from '../domain/text.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import type {Scope} from '../transport/http/api/scopes.ts';
import {type StoredToken, Tokens} from '../transport/http/service/tokens.ts';
import {isFileSystemError, whyFolderFails} from '../config/state-folder.ts';
import {ServiceFolderError, prepareServiceFolder} from './service-folder.ts';
import {systemClock} from './system-clock.ts';
import {textTable} from './text-table.ts';

interface Telling {
	/** Of the service. */
	readonly folder: string;
	readonly json: boolean;
	readonly write: (text: string) => void;
}

/** `serve token`: the secret goes to stdout, this once. */
export async function createToken(
	options: Telling & {readonly name: string; readonly scope: Scope; readonly lifetimeMs: number},
): Promise<ExitCode> {
	const {folder, json, write, name, scope, lifetimeMs} = options;
	await prepareServiceFolder(folder);
	const {secret, token} = await inFolder(folder, tokens => tokens.create(name, scope, lifetimeMs));
	write(
		json
			? `${JSON.stringify({token: secret, ...shown(token)})}\n`
			: [
					secret,
					'',
					`This is the token of ${visibleText(name)}. It is not shown again, and nowhere kept: copy it now.`,
					`It allows “${scope}” until ${new Date(token.expiresAt).toISOString()}.`,
					`To make it good for nothing: dms-upgrade serve revoke ${token.id}`,
					'',
				].join('\n'),
	);
	return exitCodes.done;
}

/** `serve tokens`: what there is to know of them, one a line. */
export async function listTokens({folder, json, write}: Telling): Promise<ExitCode> {
	const {tokens, damaged} = await inFolder(folder, known => known.list());
	if (json) {
		write(tokens.map(token => `${JSON.stringify(shown(token))}\n`).join(''));
	} else {
		write(tokens.length === 0 ? 'No tokens yet.\n' : table(tokens));
	}

	if (damaged.length > 0) {
		throw new DamagedTokensError(damaged);
	}

	return exitCodes.done;
}

/** `serve revoke ID` */
export async function revokeToken({
	folder,
	json,
	write,
	id,
}: Telling & {readonly id: string}): Promise<ExitCode> {
	if (!(await inFolder(folder, tokens => tokens.revoke(id)))) {
		throw new NoSuchTokenError(id);
	}

	write(json ? `${JSON.stringify({revoked: id})}\n` : `${id} is good for nothing any more.\n`);
	return exitCodes.done;
}

async function inFolder<Result>(folder: string, work: (tokens: Tokens) => Promise<Result>): Promise<Result> {
	try {
		return await work(new Tokens(folder, () => systemClock.now()));
	} catch (error) {
		if (!isFileSystemError(error)) {
			throw error;
		}

		const [reason, nextStep] = whyFolderFails(error);
		throw new ServiceFolderError(folder, reason, nextStep, {cause: error});
	}
}

function shown({id, name, scope, createdAt, expiresAt}: StoredToken) {
	return {
		id,
		name,
		scope,
		createdAt: new Date(createdAt).toISOString(),
		expiresAt: new Date(expiresAt).toISOString(),
		expired: expiresAt <= systemClock.now(),
	};
}

function table(tokens: readonly StoredToken[]): string {
	const rows = [
		['ID', 'SCOPE', 'GOOD UNTIL', 'NAME'],
		...tokens.map(token => {
			const {id, scope, expiresAt, expired, name} = shown(token);
			return [id, scope, expired ? 'expired' : expiresAt.slice(0, 16).replace('T', ' '), visibleText(name)];
		}),
	];
	return textTable(rows)
		.map(line => `${line}\n`)
		.join('');
}

/** No token has this id. */
class NoSuchTokenError extends UserError {
	readonly code = 'NO_SUCH_TOKEN';
	readonly nextSteps = ['dms-upgrade serve tokens lists the ids.'];
	constructor(readonly id: string) {
		super(`There is no token ${visibleText(id, 60)}.`);
	}
}

/** Files among those of the tokens that are none. */
class DamagedTokensError extends UserError {
	readonly code = 'TOKENS_DAMAGED';
	readonly nextSteps = ['Delete them, and make new tokens for whoever is not let in any more.'];
	constructor(readonly files: readonly string[]) {
		super(`These files are no tokens as this program writes them, and let nobody in: ${files.join(', ')}.`);
	}
}
