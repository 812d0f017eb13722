import {type AgentContext, saidBy} from './agent-context.ts';
import {parseCertutilHash} from './certutil.ts';
import {AgentError, type LocalPackage, type StageOptions, type StagedPackage} from './connection.ts';
import {hashOfBeginning} from './hash-of-beginning.ts';
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
	const from = await verifiedBytes(context, file, partial, options.signal);
	options.onProgress?.(from);
	if (from < file.size || file.size === 0) {
		await send(context, file, partial, from, options);
		if ((await hashOf(context, partial, options.signal)) !== file.sha256) {
			await machine.remove(partial);
			throw shaMismatch(context, file);
		}
	}

	await machine.rename(partial, path);
	return {path, alreadyThere: false};
}

/**
 * How much of the package an earlier upload left: so many bytes, and by their SHA-256 they are its beginning. What lies
 * there and is not is removed, since everything that were sent behind it would be sent in vain.
 */
async function verifiedBytes(
	context: AgentContext,
	file: LocalPackage,
	partial: string,
	signal: AbortSignal | undefined,
): Promise<number> {
	const {machine} = context;
	const sizeNow = async () => (await machine.stat(partial))?.size ?? 0;
	let size = await sizeNow();
	for (let left = releaseTries; size > 0 && size <= file.size; left--) {
		const hash = await hashOfReleased(context, partial, signal);
		const after = await sizeNow();
		if (after === size || left <= 0) {
			const expected = size === file.size ? file.sha256 : await hashOfBeginning(file.path, size, signal);
			if (hash === expected) {
				return size;
			}

			break;
		}

		// The server went on writing what had arrived before the connection broke: the hash is of something between.
		size = after;
	}

	if (size > 0) {
		await machine.remove(partial);
	}

	return 0;
}

async function send(
	context: AgentContext,
	file: LocalPackage,
	partial: string,
	from: number,
	{stallMs, signal, pace, onProgress}: StageOptions,
): Promise<void> {
	try {
		await context.machine.upload(file.path, partial, {
			from,
			stallMs,
			...(signal && {signal}),
			...(pace && {pace}),
			...(onProgress && {onProgress}),
		});
	} catch (error) {
		throw await clearer(context, error, file, partial);
	}
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

	let sent: number;
	let free: number | undefined;
	try {
		sent = (await context.machine.stat(partial))?.size ?? 0;
		free = await queryFreeBytes(context);
	} catch {
		// What broke the upload off matters more than that its cause cannot be looked for.
		return error;
	}

	const missing = file.size - sent;
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

/** How often a file that cannot be read is tried again, and the time between, in milliseconds. */
const releaseTries = 6;
const releasePoll = 5000;

/**
 * As `hashOf`, for a file that an upload was writing whose connection broke: as long as the server has not noticed that,
 * Windows lets nobody else read it.
 */
async function hashOfReleased(
	context: AgentContext,
	path: string,
	signal: AbortSignal | undefined,
): Promise<string> {
	for (let left = releaseTries; ; left--) {
		try {
			return await hashOf(context, path, signal);
		} catch (error) {
			if (!(error instanceof AgentError) || left <= 0) {
				throw error;
			}

			await context.clock.sleep(releasePoll / context.settings.speed, signal);
		}
	}
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
