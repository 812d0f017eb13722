import {type AgentContext, saidBy} from './agent-context.ts';
import {parseCertutilHash} from './certutil.ts';
import {AgentError, type LocalPackage, type StageOptions, type StagedPackage} from './connection.ts';
import {FileOperationError} from './machine-errors.ts';
import {queryFreeBytes} from './status.ts';
import {checkedFileName, windowsPath} from './windows-path.ts';

/** A folder name for what belongs to one package. */
export function shortSha(sha256: string): string {
	return checkedFileName(sha256.slice(0, 16).toLowerCase());
}

/** Where a package stands on the Agent. Throws `UnsafeFileNameError`. */
export function packagePath({paths}: AgentContext, sha256: string, name: string): string {
	return windowsPath(paths.staging, 'packages', shortSha(sha256), checkedFileName(name));
}

/** The package, where the Agent has it already, whole. */
export async function findPackage(
	context: AgentContext,
	file: Omit<LocalPackage, 'path'>,
	signal?: AbortSignal,
): Promise<StagedPackage | undefined> {
	const path = packagePath(context, file.sha256, file.name);
	const there = await context.machine.stat(path);
	return there?.size === file.size && (await hashOf(context, path, signal)) === file.sha256
		? {path, alreadyThere: true}
		: undefined;
}

/** Brings a package to the Agent, or finds that it is there already. */
export async function stagePackage(
	context: AgentContext,
	file: LocalPackage,
	options: StageOptions,
): Promise<StagedPackage> {
	const {machine} = context;
	const path = packagePath(context, file.sha256, file.name);
	const partial = `${path}.partial`;
	const there = await findPackage(context, file, options.signal);
	if (there) {
		return there;
	}

	await machine.remove(path);
	await machine.makeFolder(path.slice(0, path.lastIndexOf('\\')));
	const resumed = await send(context, file, partial, options);
	if ((await hashOf(context, partial, options.signal)) !== file.sha256) {
		await machine.remove(partial);
		// What lay there was not the beginning of this package; sent whole, there is nothing left to blame on it.
		if (resumed) {
			await send(context, file, partial, options);
		}

		if (!resumed || (await hashOf(context, partial, options.signal)) !== file.sha256) {
			await machine.remove(partial);
			throw shaMismatch(context, file);
		}
	}

	await machine.rename(partial, path);
	return {path, alreadyThere: false};
}

/** Answers whether something that was there already has become a part of the file. */
async function send(
	context: AgentContext,
	file: LocalPackage,
	partial: string,
	{stallMs, signal, onProgress}: StageOptions,
): Promise<boolean> {
	const {machine} = context;
	const size = (await machine.stat(partial))?.size ?? 0;
	if (size > file.size) {
		await machine.remove(partial);
	}

	const from = size > file.size ? 0 : size;
	onProgress?.(from);
	if (from < file.size || from === 0) {
		try {
			await machine.upload(file.path, partial, {
				from,
				stallMs,
				...(signal && {signal}),
				...(onProgress && {onProgress}),
			});
		} catch (error) {
			throw await clearer(context, error, file, partial);
		}
	}

	return from > 0;
}

/** Windows reports a full disk as a failure like any other; whether it is one shows in the free space. */
async function clearer(
	context: AgentContext,
	error: unknown,
	file: LocalPackage,
	partial: string,
): Promise<unknown> {
	if (!(error instanceof FileOperationError) || error.code === 'FILE_DENIED') {
		return error;
	}

	const sent = (await context.machine.stat(partial))?.size ?? 0;
	const missing = file.size - sent;
	const free = await queryFreeBytes(context);
	const full = error.code === 'DISK_FULL' || (free !== undefined && free < missing);
	return full
		? new AgentError(
				context.agent,
				'DISK_FULL',
				`The disk of ${context.agent} is full: ${partial} holds ${sent} of ${file.size} bytes.`,
				[
					`Free at least ${missing} bytes on that disk, then upload again; what is there is not sent twice.`,
					`If the upload is given up, delete ${partial}.`,
				],
				{cause: error},
			)
		: error;
}

/** The SHA-256 of a file on the Agent, in lower case. */
async function hashOf(context: AgentContext, path: string, signal?: AbortSignal): Promise<string> {
	const call = {program: 'certutil.exe', args: ['-hashfile', path, 'SHA256']};
	const result = await context.machine.run(call, {
		timeoutMs: context.settings.hashTimeoutMs,
		...(signal && {signal}),
	});
	const hash = result.exitCode === 0 ? parseCertutilHash(result.stdout) : undefined;
	if (hash === undefined) {
		throw new AgentError(
			context.agent,
			'HASH_FAILED',
			`The SHA-256 of ${path} could not be had: ${saidBy(call, result)}.`,
			['Check on the Agent that certutil.exe can read this file, then upload again.'],
		);
	}

	return hash;
}

function shaMismatch({agent}: AgentContext, file: LocalPackage): AgentError {
	return new AgentError(
		agent,
		'SHA_MISMATCH',
		`What arrived of ${file.name} on ${agent} is not what was sent: its SHA-256 differs. It was removed there.`,
		[
			'Check that the package was not changed meanwhile: dms-upgrade inspect PACKAGE --verify.',
			'Upload again; if it happens twice, check disk and memory of that server.',
		],
	);
}
