/**
 * What OpenSSH's client would do to reach a host, with the meaning that `ssh -G` gives. The parser is our own since the
 * package `ssh-config` knows neither `Include` nor tokens nor negated criteria, and starts programs by itself.
 */
import {composeSettings, expandOption} from './compose-settings.ts';
import {
	SshConfigUnsupportedError,
	SshJumpLoopError,
	type UnsupportedOption,
	placeText,
} from './config-errors.ts';
import {ConfigReading} from './config-reading.ts';
import type {HostSettings, HostTarget, LoginMethods} from './host-settings.ts';
import {type OptionLine, OptionState, type OptionValues, type SourcedValues} from './option-state.ts';
import {canonicalHost, isAddress} from './option-values.ts';
import type {Surroundings} from './surroundings.ts';

/**
 * Reads the configuration for one host.
 * @throws SshConfigLineError for a line that ssh would not take either
 * @throws SshConfigFileError for a file that cannot be read, or that others may change
 * @throws SshConfigUnsupportedError where the host would have to be reached in a way that is not supported
 * @throws SshJumpLoopError where the host is to be reached over itself
 */
export async function resolveHost(target: HostTarget, surroundings: Surroundings): Promise<HostSettings> {
	const state = new OptionState(givenValues(target));
	const hostName = await readConfig(target, surroundings, state);
	const {values} = state;
	const settings = composeSettings(target, hostName, state, surroundings);
	const errors: UnsupportedOption[] = [...state.errors];
	if (values.proxy?.value === 'command' && values.proxy.line) {
		errors.push(proxyCommandError(values.proxy.line));
	}

	if (values.canonicalize?.value && values.canonicalize.line && !isAddress(hostName)) {
		errors.push(canonicalizeError(values.canonicalize.line));
	}

	if (errors.length > 0) {
		throw new SshConfigUnsupportedError(target.host, errors);
	}

	refuseNoLogin(target, state, settings.login);
	const jump = settings.jumpHosts.at(-1);
	const overItself =
		jump?.host === hostName &&
		(jump.port ?? 22) === settings.port &&
		(jump.user ?? settings.user) === settings.user;
	if (overItself) {
		throw new SshJumpLoopError(target.host, [jump.host, target.host]);
	}

	return settings;
}

function givenValues({user, port, jumpHosts}: HostTarget): SourcedValues {
	return {
		...(user === undefined ? {} : {user: {value: user, line: undefined}}),
		...(port === undefined ? {} : {port: {value: port, line: undefined}}),
		...(jumpHosts === undefined ? {} : {proxy: {value: jumpHosts, line: undefined}}),
	};
}

/** Reads the files once, or twice where they ask for it, and gives the name to connect to. */
async function readConfig(
	{host}: HostTarget,
	surroundings: Surroundings,
	state: OptionState,
): Promise<string> {
	const files = new Map<string, ReturnType<Surroundings['readFile']>>();
	// Both readings see the same files, whoever writes to them meanwhile.
	const once: Surroundings = {
		...surroundings,
		readFile: path => {
			const content = files.get(path) ?? surroundings.readFile(path);
			files.set(path, content);
			return content;
		},
	};
	const first = new ConfigReading(once, {host, originalHost: host, final: false}, state);
	await first.readAll();
	const hostName = canonicalHost(expandOption(state.values.hostName, {h: host}) ?? host);
	if (first.asksForFinal || state.values.canonicalize?.value) {
		state.settleHostName(hostName);
		await new ConfigReading(once, {host: hostName, originalHost: host, final: true}, state).readAll();
	}

	return hostName;
}

function proxyCommandError(line: OptionLine): UnsupportedOption {
	return {
		...line.place,
		keyword: line.keyword,
		argument: line.rest,
		consequence: 'ssh runs this program to reach the host, and dms-upgrade runs none',
		remedy: 'Use ProxyJump, which goes over an SSH server without a program.',
	};
}

function canonicalizeError(line: OptionLine): UnsupportedOption {
	return {
		...line.place,
		keyword: line.keyword,
		argument: line.rest,
		consequence: 'ssh looks for the name in the domains of CanonicalDomains first, and dms-upgrade does not',
		remedy: 'Give the host a Host block with its full name in HostName and with “CanonicalizeHostname no”.',
	};
}

/** Where only ways of logging in are left that this program does not know, such as GSSAPI. */
function refuseNoLogin(target: HostTarget, {values}: OptionState, login: LoginMethods): void {
	const allowed = [
		...(login.publicKey ? ['publickey'] : []),
		...(login.password ? ['password'] : []),
		...(login.keyboardInteractive ? ['keyboard-interactive'] : []),
	];
	if (allowed.some(method => login.preferred?.includes(method) ?? true)) {
		return;
	}

	const keys: (keyof OptionValues)[] = [
		'preferredAuthentications',
		'publicKey',
		'password',
		'keyboardInteractive',
	];
	const line = keys.map(key => values[key]?.line).find(each => each !== undefined);
	if (line) {
		throw new SshConfigUnsupportedError(target.host, [
			{
				...line.place,
				keyword: line.keyword,
				argument: line.rest,
				consequence: 'neither a key nor a password may be used, and dms-upgrade knows no other way to log in',
				remedy: `Allow keys or passwords for this host above ${placeText(line.place)}.`,
			},
		]);
	}
}
