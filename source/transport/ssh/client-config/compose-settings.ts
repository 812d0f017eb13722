import {createHash} from 'node:crypto';
import {ExpansionError, type Tokens, expandTilde, expandTokens} from './expand.ts';
import {lowerCase} from './host-pattern.ts';
import type {HostSettings, HostTarget, IdentityFile} from './host-settings.ts';
import type {JumpHost} from './jump-hosts.ts';
import {type OptionLine, type OptionState, type Sourced, badLine} from './option-state.ts';
import {type Surroundings, pathsOf, systemFolder, userFolder} from './surroundings.ts';

/** The keys that ssh tries where none is named. Source: OpenSSH readconf.c, `fill_default_options`. */
const defaultIdentities = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

/** The agent that comes with Windows; its ssh asks it where SSH_AUTH_SOCK is not set. */
const windowsAgent = '\\\\.\\pipe\\openssh-ssh-agent';

/**
 * Puts together what the options came to: defaults where nothing was written, and tokens by what they stand for.
 * @throws SshConfigLineError for a token or variable that stands for nothing
 */
export function composeSettings(
	target: HostTarget,
	hostName: string,
	state: OptionState,
	surroundings: Surroundings,
): HostSettings {
	const {values} = state;
	const {environment} = surroundings;
	const port = values.port?.value ?? 22;
	const jumpHosts = typeof values.proxy?.value === 'object' ? values.proxy.value : [];
	const alias = values.hostKeyAlias === undefined ? undefined : lowerCase(values.hostKeyAlias.value);
	const ownTokens: Tokens = {
		L: surroundings.computer.replace(/\..*$/s, ''),
		d: surroundings.home,
		h: hostName,
		i: String(surroundings.userId),
		j: jumpHosts.at(-1)?.host ?? '',
		k: alias ?? target.host,
		l: surroundings.computer,
		n: target.host,
		p: String(port),
		u: surroundings.localUser,
	};
	// A user that was asked for is meant as it is.
	const user = values.user?.line
		? (expandOption(values.user, ownTokens, environment) ?? '')
		: (values.user?.value ?? surroundings.localUser);
	const tokens: Tokens = {...ownTokens, r: user, C: connectionHash(ownTokens, user)};
	const asPath = (path: string, line: OptionLine | undefined) =>
		orBadLine(line, () => expandTokens(expandTilde(path, surroundings), tokens, environment));
	const known = values.userKnownHostsFiles;
	const paths = pathsOf(surroundings);
	const system = systemFolder(surroundings);
	return {
		host: target.host,
		hostName,
		port,
		user,
		addressFamily: values.addressFamily?.value ?? 'any',
		jumpHosts: jumpHosts.map(jump => expandedJump(jump, tokens, values.proxy?.line)),
		connectTimeoutSeconds: values.connectTimeout?.value,
		serverAliveIntervalSeconds: values.serverAliveInterval?.value ?? 0,
		serverAliveCountMax: values.serverAliveCountMax?.value ?? 3,
		identityFiles: identityFiles(state, surroundings, asPath),
		identitiesOnly: values.identitiesOnly?.value ?? false,
		agentSocket: agentSocket(values.identityAgent, surroundings, asPath),
		login: {
			publicKey: values.publicKey?.value ?? true,
			password: values.password?.value ?? true,
			keyboardInteractive: values.keyboardInteractive?.value ?? true,
			preferred: values.preferredAuthentications?.value.split(',').filter(method => method !== ''),
		},
		batchMode: values.batchMode?.value ?? false,
		userKnownHostsFiles: known
			? known.value.map(file => asPath(file, known.line))
			: ['known_hosts', 'known_hosts2'].map(name => paths.join(userFolder(surroundings), name)),
		globalKnownHostsFiles:
			values.globalKnownHostsFiles?.value ??
			['ssh_known_hosts', 'ssh_known_hosts2'].map(name => paths.join(system, name)),
		hostKeyAlias: alias,
		strictHostKeyChecking: values.strictHostKeyChecking?.value ?? 'ask',
		hashKnownHosts: values.hashKnownHosts?.value ?? false,
		notices: state.notices,
	};
}

type AsPath = (path: string, line: OptionLine | undefined) => string;

function identityFiles(
	state: OptionState,
	surroundings: Surroundings,
	asPath: AsPath,
): readonly IdentityFile[] {
	if (state.identities.length === 0) {
		const paths = pathsOf(surroundings);
		return defaultIdentities.map(name => ({
			path: paths.join(userFolder(surroundings), name),
			written: `~/.ssh/${name}`,
			byDefault: true,
		}));
	}

	return state.identities
		.filter(({written}) => lowerCase(written) !== 'none')
		.map(({written, line}) => ({path: asPath(written, line), written, byDefault: false}));
}

/** Source: OpenSSH ssh.c, `main`, where it sets SSH_AUTH_SOCK by IdentityAgent. */
function agentSocket(
	configured: Sourced<string> | undefined,
	{environment, platform}: Surroundings,
	asPath: AsPath,
): string | undefined {
	const written = configured?.value ?? 'SSH_AUTH_SOCK';
	if (written === 'none') {
		return undefined;
	}

	if (written === 'SSH_AUTH_SOCK') {
		return environment['SSH_AUTH_SOCK'] ?? (platform === 'win32' ? windowsAgent : undefined);
	}

	return /^\$(?!\{)/.test(written) ? environment[written.slice(1)] : asPath(written, configured?.line);
}

/** Source: ssh_config(5), “TOKENS”: a ProxyJump takes %h, %n, %p and %r. */
function expandedJump(jump: JumpHost, {h, n, p, r}: Tokens, line: OptionLine | undefined): JumpHost {
	const tokens = {h: h ?? '', n: n ?? '', p: p ?? '', r: r ?? ''};
	return {
		...jump,
		host: orBadLine(line, () => expandTokens(jump.host, tokens)),
		...(jump.user === undefined ? {} : {user: orBadLine(line, () => expandTokens(jump.user ?? '', tokens))}),
	};
}

/** What `%C` stands for. Source: OpenSSH readconf.c, `ssh_connection_hash`. */
function connectionHash({l = '', h = '', p = '', j = ''}: Tokens, user: string): string {
	return createHash('sha1').update(`${l}${h}${p}${user}${j}`).digest('hex');
}

/** Puts in what the tokens of an option stand for, if it is there. */
export function expandOption(
	sourced: Sourced<string> | undefined,
	tokens: Tokens,
	environment?: Surroundings['environment'],
): string | undefined {
	return sourced && orBadLine(sourced.line, () => expandTokens(sourced.value, tokens, environment));
}

function orBadLine<Value>(line: OptionLine | undefined, act: () => Value): Value {
	try {
		return act();
	} catch (error) {
		throw line && error instanceof ExpansionError ? badLine(line, error.message) : error;
	}
}
