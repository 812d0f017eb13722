import {join} from 'node:path';
import type {PrerequisiteResult} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentContext} from './agent-context.ts';
import {prerequisiteResult} from './bpa-result.ts';
import {AgentError, type PrerequisiteFiles, type PrerequisiteOptions} from './connection.ts';
import {FileOperationError, ProgramTimedOutError} from './machine-errors.ts';
import type {Machine} from './machine.ts';
import {prerequisiteFiles} from './prerequisite-files.ts';
import {shortSha} from './staging.ts';
import {checkedFileName, windowsPath} from './windows-path.ts';

const executorName = 'StandaloneBpaExecutor.exe';
const executorFolder = 'executor';
const longestResult = 1024 * 1024;

/** For files of a few megabytes. */
const uploadStallMs = 60_000;

/** Runs the package's tests on the Agent, one after the other. Source: Standalone_BPA_Executor.md */
export async function runPrerequisites(
	context: AgentContext,
	tests: PrerequisiteFiles,
	options: PrerequisiteOptions,
): Promise<readonly PrerequisiteResult[]> {
	const {temporaryFolder} = options;
	const folder = windowsPath(
		context.paths.staging,
		'prerequisites',
		temporaryFolder === undefined ? shortSha(tests.packageSha256) : checkedFileName(temporaryFolder),
	);
	if (temporaryFolder === undefined) {
		return runIn(context, folder, tests, options);
	}

	let results;
	try {
		results = await runIn(context, folder, tests, options);
	} catch (error) {
		// Where the connection is gone this fails, too; what failed first is what is told.
		await context.machine.remove(folder).catch(() => undefined);
		throw error;
	}

	await context.machine.remove(folder);
	return results;
}

async function runIn(
	context: AgentContext,
	folder: string,
	tests: PrerequisiteFiles,
	options: PrerequisiteOptions,
): Promise<readonly PrerequisiteResult[]> {
	await copyTests(context, tests.folder, folder, options.signal);
	const executor = await findExecutor(context, tests, folder);
	const results: PrerequisiteResult[] = [];
	for (const check of tests.checks) {
		options.signal?.throwIfAborted();
		const result = await runTest(context, executor, folder, check, options);
		results.push(result);
		options.onResult?.(result);
	}

	return results;
}

async function runTest(
	{machine}: AgentContext,
	executor: string,
	folder: string,
	check: string,
	{timeoutMs, signal}: PrerequisiteOptions,
): Promise<PrerequisiteResult> {
	const test = windowsPath(folder, checkedFileName(`${check}.dll`));
	const resultFile = windowsPath(folder, checkedFileName(`${check}.result.json`));
	// The result of an earlier run must not pass for this one's.
	await machine.remove(resultFile);
	try {
		const program = await machine.run(
			{program: executor, args: ['-f', resultFile, `--${test}`]},
			{timeoutMs, ...(signal && {signal})},
		);
		return prerequisiteResult(check, await readResult(machine, resultFile), program);
	} catch (error) {
		if (error instanceof ProgramTimedOutError) {
			return {check, outcome: 'could not run', message: visibleText(error.message, 1000)};
		}

		throw error;
	}
}

/** Undefined where there is none, or one that is too long to be one. */
async function readResult(machine: Machine, path: string): Promise<Buffer | undefined> {
	try {
		return await machine.readFile(path, {maxBytes: longestResult});
	} catch (error) {
		if (error instanceof FileOperationError && error.code === 'FILE_TOO_LARGE') {
			return undefined;
		}

		throw error;
	}
}

/** The package's own executor knows its tests best; the installed one serves packages without. */
async function findExecutor(
	{agent, machine, paths}: AgentContext,
	tests: PrerequisiteFiles,
	folder: string,
): Promise<string> {
	const candidates = [
		...(tests.executor ? [windowsPath(folder, executorFolder, executorName)] : []),
		paths.installedExecutor,
	];
	for (const candidate of candidates) {
		if (await machine.stat(candidate)) {
			return candidate;
		}
	}

	throw new AgentError(
		agent,
		'EXECUTOR_MISSING',
		`The prerequisites cannot be verified on ${agent}: the BPA executor could not be found.`,
		[
			'Use the full package of this version: packages fetched by Update Center can lack the executor.',
			`Or put it at ${paths.installedExecutor}.`,
		],
	);
}

/** Copies every file, also over one that is there: what runs as an administrator must be what the package brings. */
async function copyTests(
	{machine}: AgentContext,
	localFolder: string,
	folder: string,
	signal?: AbortSignal,
): Promise<void> {
	const names = await prerequisiteFiles(localFolder);
	const folders = new Set([folder, ...names.map(parts => windowsPath(folder, ...parts.slice(0, -1)))]);
	for (const name of folders) {
		await machine.makeFolder(name);
	}

	for (const parts of names) {
		signal?.throwIfAborted();
		const local = join(localFolder, ...parts);
		const remote = windowsPath(folder, ...parts);
		const partial = `${remote}.partial`;
		await machine.upload(local, partial, {stallMs: uploadStallMs, ...(signal && {signal})});
		await machine.rename(partial, remote);
	}
}
