import type {ServerHostKeyAlgorithm} from 'ssh2';
import {HostKeyMismatchError, UnreachableError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import {HostKeyUnknownError, entryNames} from '../known-hosts/host-key-errors.ts';
import {hostKeyRefusal} from '../known-hosts/host-key-refusal.ts';
import {type HostKey, fingerprint, preferKnownTypes, readHostKey} from '../known-hosts/host-key.ts';
import {knownHostsName} from '../known-hosts/host-name.ts';
import {judgeHostKey, knownKeyTypes} from '../known-hosts/judge-host-key.ts';
import {type KnownHosts, addKnownHost, readKnownHosts} from '../known-hosts/known-hosts-files.ts';
import type {Person} from '../network/person.ts';
import type {Hop} from '../network/hop.ts';

/** The algorithms that ssh2 checks a host key with, best first. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
	'ssh-ed25519',
	'ecdsa-sha2-nistp256',
	'ecdsa-sha2-nistp384',
	'ecdsa-sha2-nistp521',
	'rsa-sha2-512',
	'rsa-sha2-256',
	'ssh-rsa',
];

const namesShown = 5;

/** What is remembered of accepted keys besides the known_hosts files, as long as the program runs. */
export type AcceptedKeys = Set<string>;

/** What one login holds a server's key against. */
export class HostTrust {
	/** In the order in which the server is to be asked for them. */
	readonly algorithms: readonly ServerHostKeyAlgorithm[];
	readonly #hop: Hop;
	readonly #known: KnownHosts;
	readonly #accepted: AcceptedKeys;
	readonly #acceptNew: boolean;

	private constructor(hop: Hop, known: KnownHosts, accepted: AcceptedKeys, acceptNew: boolean) {
		this.#hop = hop;
		this.#known = known;
		this.#accepted = accepted;
		this.#acceptNew = acceptNew;
		this.algorithms = preferKnownTypes(hostKeyAlgorithms, knownKeyTypes(known.entries, hop.settings));
	}

	/** @throws KnownHostsFileError */
	static async of(hop: Hop, accepted: AcceptedKeys, acceptNew: boolean): Promise<HostTrust> {
		const {userKnownHostsFiles, globalKnownHostsFiles} = hop.settings;
		const known =
			hop.pinnedKey === undefined
				? await readKnownHosts([...userKnownHostsFiles, ...globalKnownHostsFiles])
				: {entries: [], badLines: []};
		return new HostTrust(hop, known, accepted, acceptNew);
	}

	/**
	 * Resolves where the key is the right one, or was accepted now; a key that was accepted is written down first.
	 * @throws MachineError with exit code 5, KnownHostsFileError, TurnNeeded
	 */
	async check(blob: Buffer, person: Person): Promise<void> {
		const {address, settings, pinnedKey} = this.#hop;
		const offered = fingerprint(blob);
		if (pinnedKey !== undefined) {
			if (offered !== pinnedKey) {
				throw new HostKeyMismatchError(address, pinnedKey, offered);
			}

			return;
		}

		const key = readHostKey(blob);
		if (!key) {
			throw new UnreachableError(address, 'it shows a host key that cannot be read');
		}

		const verdict = judgeHostKey(this.#known.entries, settings, key);
		const refusal = hostKeyRefusal(verdict, address, settings, key);
		if (!refusal) {
			return;
		}

		const accepted = `${knownHostsName(settings)} ${offered}`;
		if (!(refusal instanceof HostKeyUnknownError)) {
			throw refusal;
		}

		if (!this.#accepted.has(accepted)) {
			const otherNames = refusal.sameKey.slice(0, namesShown).map(entryNames);
			if (!this.#acceptsNew() && !(await this.#ask(accepted, key, otherNames, person))) {
				throw refusal;
			}

			await this.#remember(key);
			this.#accepted.add(accepted);
		}
	}

	#acceptsNew(): boolean {
		const {strictHostKeyChecking} = this.#hop.settings;
		return this.#acceptNew || strictHostKeyChecking === 'accept-new' || strictHostKeyChecking === 'no';
	}

	async #ask(name: string, key: HostKey, otherNames: readonly string[], person: Person): Promise<boolean> {
		const {address, settings} = this.#hop;
		if (settings.strictHostKeyChecking === 'yes' || settings.batchMode) {
			return false;
		}

		const answered = await person.hostKey(`host key ${name}`, {
			address,
			host: visibleText(settings.hostName, 300),
			port: settings.port,
			keyType: key.type,
			fingerprint: fingerprint(key.blob),
			otherNames,
		});
		return typeof answered === 'object';
	}

	async #remember(key: HostKey): Promise<void> {
		const {settings} = this.#hop;
		// A configuration may name no file at all; the key is then good as long as the program runs.
		const [file] = settings.userKnownHostsFiles;
		if (file !== undefined) {
			await addKnownHost(file, {name: knownHostsName(settings), key, hashed: settings.hashKnownHosts});
		}
	}
}
