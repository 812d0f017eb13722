import {ExpansionError, expandTokens} from './expand.ts';
import {lowerCase, matchesPatternList} from './host-pattern.ts';
import {parseJumpHosts} from './jump-hosts.ts';
import {type OptionLine, type OptionState, type OptionValues, badLine} from './option-state.ts';
import {
	parseAddressFamily,
	parseFlag,
	parseInteger,
	parsePort,
	parseSeconds,
	parseStrictness,
} from './option-values.ts';
import type {Surroundings} from './surroundings.ts';
import {isUnsupported, reportUnsupported} from './unsupported-options.ts';

type Handler = (line: OptionLine, state: OptionState, surroundings: Surroundings) => void;

/** Other names of options: older ones, and those of Debian and Red Hat. */
const aliases: Readonly<Record<string, string>> = {
	challengeresponseauthentication: 'kbdinteractiveauthentication',
	dsaauthentication: 'pubkeyauthentication',
	identityfile2: 'identityfile',
	protocolkeepalives: 'serveraliveinterval',
	pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
	rsaminsize: 'requiredrsasize',
	setuptimeout: 'serveraliveinterval',
	skeyauthentication: 'kbdinteractiveauthentication',
	smartcarddevice: 'pkcs11provider',
	tisauthentication: 'kbdinteractiveauthentication',
};

/** Options that change nothing about how a host is reached, or what ssh itself does nothing for. */
const ignored = new Set(
	`addkeystoagent afstokenpassing canonicaldomains canonicalizefallbacklocal canonicalizemaxdots
	casignaturealgorithms channeltimeout checkhostip cipher clearallforwardings compression compressionlevel
	connectionattempts controlmaster controlpersist dynamicforward enableescapecommandline enablesshkeysign escapechar
	exitonforwardfailure fallbacktorsh fingerprinthash forkafterauthentication forwardagent forwardx11 forwardx11timeout
	forwardx11trusted gatewayports globalknownhostsfile2 gssapiauthentication gssapiclientidentity
	gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity
	gssapitrustdns hostbasedacceptedalgorithms hostbasedkeytypes ipqos kbdinteractivedevices keepalive
	kerberosauthentication kerberostgtpassing localcommand localforward loglevel logverbose numberofpasswordprompts
	obscurekeystroketiming permitlocalcommand permitremoteopen protocol proxyusefdpass rekeylimit remotecommand
	remoteforward requesttty rhostsauthentication rhostsrsaauthentication rsaauthentication sendenv sessiontype setenv
	stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tcpkeepalive tunneldevice updatehostkeys
	useblacklistedkeys useprivilegedport userknownhostsfile2 useroaming usersh versionaddendum visualhostkey
	warnweakcrypto xauthlocation`.split(/\s+/),
);

const text = (value: string) => value;

const handlers: Readonly<Record<string, Handler>> = {
	addressfamily: single('addressFamily', parseAddressFamily, 'any, inet or inet6'),
	batchmode: single('batchMode', parseFlag, 'yes or no'),
	canonicalizehostname: single(
		'canonicalize',
		value => (lowerCase(value) === 'always' ? true : parseFlag(value)),
		'yes, no or always',
	),
	connecttimeout: time('connectTimeout'),
	globalknownhostsfile: list('globalKnownHostsFiles'),
	hashknownhosts: single('hashKnownHosts', parseFlag, 'yes or no'),
	hostkeyalias: single('hostKeyAlias', text, 'a name'),
	hostname: single('hostName', text, 'a name'),
	identitiesonly: single('identitiesOnly', parseFlag, 'yes or no'),
	identityagent: identityAgent,
	identityfile: (line, state) => state.addIdentity(line, onlyArgument(line)),
	ignoreunknown: (line, state) =>
		state.set({...line, active: certain(line)}, 'ignoreUnknown', onlyArgument(line)),
	kbdinteractiveauthentication: single('keyboardInteractive', parseFlag, 'yes or no'),
	passwordauthentication: single('password', parseFlag, 'yes or no'),
	port: single('port', parsePort, 'a port from 1 to 65535'),
	preferredauthentications: single('preferredAuthentications', text, 'a list of ways to log in'),
	proxycommand: proxyCommand,
	proxyjump: proxyJump,
	pubkeyauthentication: single(
		'publicKey',
		value => (/^(?:un|host-)bound$/i.test(value) ? true : parseFlag(value)),
		'yes, no, unbound or host-bound',
	),
	serveralivecountmax: single('serverAliveCountMax', parseInteger, 'a whole number'),
	serveraliveinterval: time('serverAliveInterval'),
	stricthostkeychecking: strictHostKeyChecking,
	tag: single('tag', text, 'a name'),
	user: single('user', text, 'a name'),
	userknownhostsfile: list('userKnownHostsFiles'),
};

/**
 * Takes one line with an option, which is neither `Host`, `Match` nor `Include`, as ssh does: what is wrong is wrong in
 * blocks that do not apply too.
 * @throws SshConfigLineError
 */
export function applyOption(line: OptionLine, state: OptionState, surroundings: Surroundings): void {
	const written = lowerCase(line.keyword);
	const name = aliases[written] ?? written;
	if (Object.hasOwn(handlers, name)) {
		handlers[name]?.(line, state, surroundings);
	} else if (isUnsupported(name)) {
		reportUnsupported(name, line, state);
	} else if (!isIgnored(name, state, surroundings)) {
		throw badLine(line, `“${line.keyword}” is no option of SSH`);
	}
}

function isIgnored(name: string, state: OptionState, {platform}: Surroundings): boolean {
	return (
		ignored.has(name) ||
		(name === 'usekeychain' && platform === 'darwin') ||
		matchesPatternList(name, lowerCase(state.values.ignoreUnknown?.value ?? ''))
	);
}

function single<Key extends keyof OptionValues>(
	key: Key,
	parse: (value: string) => OptionValues[Key] | undefined,
	expected: string,
): Handler {
	return (line, state) => {
		const written = onlyArgument(line);
		const value = parse(written);
		if (value === undefined) {
			throw badLine(line, `${line.keyword} takes ${expected}, and not “${written}”`);
		}

		state.set(line, key, value);
	};
}

/** A time, where `none` leaves the word to later lines. */
function time(key: 'connectTimeout' | 'serverAliveInterval'): Handler {
	return (line, state) => {
		const written = onlyArgument(line);
		const seconds = written === 'none' ? undefined : parseSeconds(written);
		if (seconds === undefined && written !== 'none') {
			throw badLine(line, `${line.keyword} takes a time such as 10 or 1m30s, and not “${written}”`);
		}

		if (seconds !== undefined) {
			state.set(line, key, seconds);
		}
	};
}

function list(key: 'userKnownHostsFiles' | 'globalKnownHostsFiles'): Handler {
	return (line, state) => {
		const files = line.arguments;
		const none = files.some(file => lowerCase(file) === 'none');
		if (files.includes('')) {
			throw badLine(line, `${line.keyword} has an empty argument`);
		}

		if (none && files.length > 1) {
			throw badLine(line, `“none” has to stand alone behind ${line.keyword}`);
		}

		if (files.length > 0) {
			state.set(line, key, none ? [] : files);
		}
	};
}

function identityAgent(line: OptionLine, state: OptionState, {environment}: Surroundings): void {
	const written = onlyArgument(line);
	try {
		// Looked at in blocks that do not apply too, as ssh does.
		expandTokens(written.replaceAll('%', ''), {}, environment);
	} catch (error) {
		throw error instanceof ExpansionError ? badLine(line, error.message) : error;
	}

	if (/^\$(?!\{)/.test(written) && !/^\$\w+$/.test(written)) {
		throw badLine(line, `“${written}” names no environment variable`);
	}

	state.set(line, 'identityAgent', written);
}

function proxyCommand(line: OptionLine, state: OptionState): void {
	if (lowerCase(line.rest) === 'none') {
		state.set(line, 'proxy', 'none');
		return;
	}

	state.set(line, 'proxy', 'command');
}

function proxyJump(line: OptionLine, state: OptionState): void {
	const hosts = parseJumpHosts(line.rest.replace(/^[\s=]+/, ''));
	if (!hosts) {
		throw badLine(line, `ProxyJump takes [user@]host[:port], several with commas, and not “${line.rest}”`);
	}

	state.set(line, 'proxy', hosts);
}

function strictHostKeyChecking(line: OptionLine, state: OptionState): void {
	const written = onlyArgument(line);
	const value = parseStrictness(written);
	if (!value) {
		throw badLine(line, `${line.keyword} takes yes, no, ask or accept-new, and not “${written}”`);
	}

	if (value === 'no' && state.values.strictHostKeyChecking === undefined) {
		state.report(line, 'notice', {
			consequence: 'a host key that changed is refused all the same',
			remedy: 'If the key was replaced, take the old one out of known_hosts.',
		});
	}

	state.set(line, 'strictHostKeyChecking', value);
}

function onlyArgument(line: OptionLine): string {
	const [argument, ...others] = line.arguments;
	if (argument === undefined || argument === '') {
		throw badLine(line, `${line.keyword} has no argument`);
	}

	if (others.length > 0) {
		throw badLine(line, `${line.keyword} takes one argument, and “${others[0] ?? ''}” follows it`);
	}

	return argument;
}

/** What only says which lines are no mistakes may count where it is unknown whether it does. */
function certain({active}: OptionLine): OptionLine['active'] {
	return active === 'unknown' ? 'yes' : active;
}
