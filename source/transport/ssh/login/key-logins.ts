import type {AnyAuthMethod, ParsedKey} from 'ssh2';
import {visibleText} from '../../../domain/text.ts';
import type {HostSettings, IdentityFile} from '../client-config/host-settings.ts';
import {fingerprint} from '../known-hosts/host-key.ts';
import type {Person} from '../network/person.ts';
import type {SecretStore} from '../secret-store.ts';
import {type AgentKey, type Ssh2, keySigner, listAgentKeys} from './agent-keys.ts';
import {type Identity, type LockedKey, parseIdentity, readIdentity} from './identity-file.ts';

const passphraseTries = 3;

/** Where the ssh-agent of Windows answers; many people there use PuTTY's instead. */
const windowsAgent = '\\\\.\\pipe\\openssh-ssh-agent';

export interface KeyLogin {
	/** For people, if the server refuses it. */
	readonly shown: string;
	readonly method: AnyAuthMethod;
}

export interface KeySources {
	readonly address: string;
	readonly settings: HostSettings;
	/** A key that is given as it is; then there are no others. */
	readonly privateKey?: string | Buffer | undefined;
}

interface ReadFile {
	readonly file: IdentityFile;
	readonly identity: Identity;
}

/** The logins by key that are to be tried, in the order of OpenSSH (sshconnect2.c, `pubkey_prepare`). */
export class KeyLogins {
	/** What cannot be tried, for people. */
	readonly notes: string[] = [];
	/** Called when asking for a passphrase fails; the login is over then. */
	onFailure: (error: unknown) => void = () => undefined;
	readonly #ssh2: Ssh2;
	readonly #sources: KeySources;
	readonly #secrets: SecretStore;
	readonly #person: Person;

	constructor(ssh2: Ssh2, sources: KeySources, secrets: SecretStore, person: Person) {
		this.#ssh2 = ssh2;
		this.#sources = sources;
		this.#secrets = secrets;
		this.#person = person;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<KeyLogin, void, undefined> {
		const {privateKey, settings} = this.#sources;
		if (privateKey !== undefined) {
			const given = this.#givenKey(privateKey.toString());
			if (given) {
				yield given;
			}

			return;
		}

		const files = await this.#readFiles();
		const agentKeys = await this.#agentKeys();
		const fileOf = ({publicKey}: AgentKey) => files.find(({identity}) => holds(identity, publicKey));
		const named = agentKeys.filter(fileOf);
		const others = settings.identitiesOnly ? [] : agentKeys.filter(key => !fileOf(key));
		for (const {publicKey, signer} of [...named, ...others]) {
			yield {
				shown: `key ${fingerprint(publicKey.getPublicSSH())} of the ssh-agent`,
				method: {type: 'agent', username: settings.user, agent: signer},
			};
		}

		for (const {file, identity} of files) {
			if (!agentKeys.some(({publicKey}) => holds(identity, publicKey))) {
				yield* this.#fileKey(file, identity);
			}
		}
	}

	#givenKey(content: string): KeyLogin | undefined {
		const identity = parseIdentity(content, this.#ssh2.utils.parseKey);
		if (identity.kind === 'open') {
			return this.#keyLogin(identity.privateKey, `key ${fingerprint(identity.publicKey.getPublicSSH())}`);
		}

		this.notes.push('the private key cannot be read, or has a passphrase');
		return undefined;
	}

	async #readFiles(): Promise<readonly ReadFile[]> {
		const {parseKey} = this.#ssh2.utils;
		const read = await Promise.all(
			this.#sources.settings.identityFiles.map(async file => ({
				file,
				identity: await readIdentity(file, parseKey),
			})),
		);
		return read.filter(({file, identity}) => {
			if (identity.kind === 'missing' && !file.byDefault) {
				this.notes.push(`${visibleText(file.path, 200)} does not exist`);
			}

			if (identity.kind === 'unusable') {
				this.notes.push(`${visibleText(file.path, 200)} ${identity.reason}`);
			}

			return identity.kind !== 'missing' && identity.kind !== 'unusable';
		});
	}

	async #agentKeys(): Promise<readonly AgentKey[]> {
		const {agentSocket} = this.#sources.settings;
		if (agentSocket === undefined || agentSocket === '') {
			return [];
		}

		for (const socket of agentSocket === windowsAgent ? [windowsAgent, 'pageant'] : [agentSocket]) {
			try {
				return await listAgentKeys(this.#ssh2, socket);
			} catch {
				// The next one, or none.
			}
		}

		this.notes.push(`the ssh-agent at ${visibleText(agentSocket, 200)} does not answer`);
		return [];
	}

	async *#fileKey(file: IdentityFile, identity: Identity): AsyncGenerator<KeyLogin, void, undefined> {
		const shown = `key ${visibleText(file.path, 200)}`;
		if (identity.kind === 'public') {
			this.notes.push(`${visibleText(file.path, 200)} is a public key that no ssh-agent has`);
		}

		if (identity.kind === 'open') {
			yield this.#keyLogin(identity.privateKey, shown);
		}

		if (identity.kind === 'locked') {
			const {publicKey, locked} = identity;
			const key =
				this.#secrets.key(locked.name) ?? (publicKey ? undefined : await this.#unlock(file, locked));
			if (key) {
				yield this.#keyLogin(key, shown);
			} else if (publicKey) {
				// The passphrase is asked for only when the server would take the key.
				yield this.#lockedLogin(file, publicKey, locked, shown);
			}
		}
	}

	#keyLogin(key: ParsedKey, shown: string): KeyLogin {
		return {shown, method: {type: 'publickey', username: this.#sources.settings.user, key}};
	}

	#lockedLogin(file: IdentityFile, publicKey: ParsedKey, locked: LockedKey, shown: string): KeyLogin {
		const agent = keySigner(this.#ssh2, publicKey, async (data, {hash}) => {
			const key = await this.#unlock(file, locked).catch((error: unknown) => {
				this.onFailure(error);
				throw error;
			});
			if (!key) {
				throw new Error('no passphrase');
			}

			return key.sign(data, hash);
		});
		return {shown, method: {type: 'agent', username: this.#sources.settings.user, agent}};
	}

	/** Asks for the passphrase of a key; nothing where nobody knows it. */
	async #unlock(file: IdentityFile, locked: LockedKey): Promise<ParsedKey | undefined> {
		const {address, settings} = this.#sources;
		const shown = visibleText(file.path, 200);
		for (let tries = 0; tries < passphraseTries; tries++) {
			const answered = settings.batchMode
				? 'nobody'
				: await this.#person.secret(`passphrase ${locked.name}`, {
						kind: 'passphrase',
						address,
						host: settings.hostName,
						port: settings.port,
						user: settings.user,
						text: `Passphrase of ${shown}`,
						instructions: '',
						echo: false,
						again: tries > 0,
						goodOnce: false,
					});
			if (typeof answered === 'string') {
				const why = answered === 'nobody' ? 'nobody could be asked for it' : 'it was not given';
				this.notes.push(`${shown} has a passphrase, and ${why}`);
				return undefined;
			}

			const key = locked.unlock(answered.value);
			if (key) {
				this.#secrets.keepKey(locked.name, key);
				return key;
			}
		}

		this.notes.push(`the passphrase of ${shown} was wrong ${passphraseTries} times`);
		return undefined;
	}
}

function holds(identity: Identity, key: ParsedKey): boolean {
	const publicKey = 'publicKey' in identity ? identity.publicKey : undefined;
	return publicKey?.getPublicSSH().equals(key.getPublicSSH()) ?? false;
}
