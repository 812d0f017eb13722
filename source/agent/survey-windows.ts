import type {
	AgentSurvey,
	ClockReading,
	Installed,
	PendingReboot,
	WindowsFacts,
} from '../domain/agent-survey.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentContext} from './agent-context.ts';
import type {ProgramCall, ProgramResult} from './machine.ts';
import {orUnknown} from './or-unknown.ts';
import {type RegistryKey, dwordOf, parseRegistryQuery} from './registry-query.ts';
import {parseServiceList} from './service-list.ts';
import {parseUtc} from './settings-files.ts';

/** What Windows says of itself. */
export type WindowsSurvey = Pick<
	AgentSurvey,
	'windows' | 'dotNetFramework' | 'aspNetCore' | 'visualCpp' | 'services' | 'pendingReboot' | 'fipsEnforced'
>;

function ask(
	{machine, settings}: AgentContext,
	call: ProgramCall,
	signal: AbortSignal | undefined,
): Promise<ProgramResult | undefined> {
	return orUnknown(machine.run(call, {timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})}));
}

/** Asks the registry and the service manager, all at once. Only queries: nothing is changed. */
export async function surveyWindows(context: AgentContext, signal?: AbortSignal): Promise<WindowsSurvey> {
	const {places} = context.settings;
	const query = (key: string, view: '64' | '32' = '64') => queryRegistry(context, key, view, signal);
	const [version, framework, x64, x86, fips, servicing, updates, session, aspNetCore, services] =
		await Promise.all([
			query(places.windowsVersion),
			query(places.dotNetFramework),
			query(places.visualCppX64),
			query(places.visualCppX86, '32'),
			query(places.fipsPolicy),
			query(places.componentServicing),
			query(places.windowsUpdate),
			query(places.sessionManager),
			listAspNetCore(context),
			listServices(context, signal),
		]);
	// `reg.exe` ends in the same way for what is not there and for what fails; where it can read at all, it is not there.
	const readable = isKey(version);
	const windows = readable ? windowsFacts(version) : undefined;
	// What is older than 4.5 has no such key.
	const release = isKey(framework)
		? dwordOf(framework.values.get('release'))
		: readable && framework === 'not there'
			? 0
			: undefined;
	const [cppX64, cppX86] = [installedOf(x64, readable), installedOf(x86, readable)];
	const fipsEnforced = fipsOf(fips, readable);
	const pendingReboot = pendingOf(servicing, updates, session, context.settings.installFolder);
	return {
		...(windows && {windows}),
		...(release !== undefined && {dotNetFramework: release}),
		...(aspNetCore && {aspNetCore}),
		visualCpp: {...(cppX64 && {x64: cppX64}), ...(cppX86 && {x86: cppX86})},
		...(services && {services}),
		...(pendingReboot && {pendingReboot}),
		...(fipsEnforced !== undefined && {fipsEnforced}),
	};
}

type Answer = RegistryKey | 'not there' | undefined;

function isKey(answer: Answer): answer is RegistryKey {
	return answer !== undefined && answer !== 'not there';
}

async function queryRegistry(
	context: AgentContext,
	key: string,
	view: '64' | '32',
	signal: AbortSignal | undefined,
): Promise<Answer> {
	const result = await ask(context, {program: 'reg.exe', args: ['query', key, `/reg:${view}`]}, signal);
	return result?.exitCode === 0
		? parseRegistryQuery(result.stdout)
		: result?.exitCode === 1 && result.stdout.trim() === ''
			? 'not there'
			: undefined;
}

function windowsFacts({values}: RegistryKey): WindowsFacts | undefined {
	const build = values.get('currentbuildnumber') ?? values.get('currentbuild') ?? '';
	const kind = values.get('installationtype')?.toLowerCase();
	return /^\d{4,6}$/.test(build)
		? {
				name: visibleText(values.get('productname') ?? 'Windows', 100),
				build: Number(build),
				...(kind !== undefined && {server: kind.startsWith('server')}),
			}
		: undefined;
}

function installedOf(key: Answer, readable: boolean): Installed | undefined {
	if (key === 'not there') {
		return readable ? 'missing' : undefined;
	}

	if (key === undefined) {
		return undefined;
	}

	const version = /^v?(?<version>\d{1,4}(?:\.\d{1,6}){1,3})$/.exec(key.values.get('version')?.trim() ?? '');
	const installed = dwordOf(key.values.get('installed'));
	return installed === 0
		? 'missing'
		: version?.groups?.['version'] === undefined
			? undefined
			: {version: version.groups['version']};
}

function fipsOf(key: Answer, readable: boolean): boolean | undefined {
	if (key === 'not there') {
		return readable ? false : undefined;
	}

	const enabled = key && dwordOf(key.values.get('enabled') ?? '0x0');
	return enabled === undefined ? undefined : enabled !== 0;
}

/** The three keys are there on every Windows: what they do not have is not pending. */
function pendingOf(
	servicing: Answer,
	updates: Answer,
	session: Answer,
	installFolder: string,
): readonly PendingReboot[] | undefined {
	if (!isKey(servicing) || !isKey(session) || updates === undefined) {
		return undefined;
	}

	const renames = (session.values.get('pendingfilerenameoperations') ?? '').toLowerCase();
	const ofDataMiner = renames.includes(`${installFolder.toLowerCase()}\\`);
	return [
		...(servicing.keys.has('rebootpending') ? ['components' as const] : []),
		// A server that gets no updates from Windows Update may lack the key.
		...(updates !== 'not there' && updates.keys.has('rebootrequired') ? ['updates' as const] : []),
		...(ofDataMiner
			? ['dataminer-files' as const]
			: renames.replaceAll(String.raw`\0`, '').trim() === ''
				? []
				: ['files' as const]),
	];
}

const mostRuntimes = 200;

async function listAspNetCore({machine, settings}: AgentContext): Promise<readonly string[] | undefined> {
	const folder = settings.places.aspNetCore;
	return orUnknown(
		machine
			.list(folder)
			.then(names =>
				(names ?? []).filter(name => /^\d{1,3}\.\d{1,3}\.\d{1,4}$/.test(name)).slice(0, mostRuntimes),
			),
	);
}

async function listServices(
	context: AgentContext,
	signal: AbortSignal | undefined,
): Promise<AgentSurvey['services']> {
	const result = await ask(
		context,
		{program: 'sc.exe', args: ['query', 'type=', 'service', 'state=', 'all']},
		signal,
	);
	return result?.exitCode === 0 ? parseServiceList(result.stdout) : undefined;
}

/** The time in a form that no language of Windows changes. */
const utcNow = "[DateTime]::UtcNow.ToString('o')";

/** How the Agent's clock stands to ours; the connection should be open already, since it is timed. */
export async function askClock(
	context: AgentContext,
	signal?: AbortSignal,
): Promise<ClockReading | undefined> {
	const {clock} = context;
	const before = clock.now();
	const result = await ask(
		context,
		{program: 'powershell.exe', args: ['-NoProfile', '-NonInteractive', '-Command', utcNow]},
		signal,
	);
	const after = clock.now();
	const time = result?.exitCode === 0 ? parseUtc(result.stdout.trim()) : undefined;
	return time === undefined
		? undefined
		: {aheadMs: Math.round(time - (before + after) / 2), uncertaintyMs: Math.ceil((after - before) / 2)};
}
