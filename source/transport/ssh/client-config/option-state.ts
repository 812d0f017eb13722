import {type Place, SshConfigLineError, type UnsupportedOption, placeText} from './config-errors.ts';
import type {JumpHost} from './jump-hosts.ts';
import type {AddressFamily, StrictHostKeyChecking} from './option-values.ts';

/** Whether the lines of a block apply. `unknown` where that hangs on something which is not found out here. */
export type Activity = 'yes' | 'no' | 'unknown';

export function bothApply(one: Activity, other: Activity): Activity {
	if (one === 'no' || other === 'no') {
		return 'no';
	}

	return one === 'unknown' || other === 'unknown' ? 'unknown' : 'yes';
}

/** One line with an option, and where it stands. */
export interface OptionLine {
	readonly place: Place;
	/** As written. */
	readonly keyword: string;
	readonly arguments: readonly string[];
	/** All that follows the keyword, unsplit, as ssh takes commands and `ProxyJump`. */
	readonly rest: string;
	readonly active: Activity;
	/** The line because of which `active` is unknown. */
	readonly doubt: string;
	/** Whether the line is the user's and not the system's. */
	readonly ofUser: boolean;
}

export function badLine(line: Pick<OptionLine, 'place'>, reason: string): SshConfigLineError {
	return new SshConfigLineError(
		line.place,
		reason,
		'Correct this line; “man ssh_config” says what it takes.',
	);
}

/** What the options came to, as written; times in seconds. */
export interface OptionValues {
	readonly hostName: string;
	readonly user: string;
	readonly port: number;
	readonly addressFamily: AddressFamily;
	readonly identitiesOnly: boolean;
	readonly identityAgent: string;
	/** `ProxyJump`, and `ProxyCommand none`, which stands for it. */
	readonly proxy: readonly JumpHost[] | 'none' | 'command';
	readonly connectTimeout: number;
	readonly serverAliveInterval: number;
	readonly serverAliveCountMax: number;
	readonly userKnownHostsFiles: readonly string[];
	readonly globalKnownHostsFiles: readonly string[];
	readonly hostKeyAlias: string;
	readonly strictHostKeyChecking: StrictHostKeyChecking;
	readonly hashKnownHosts: boolean;
	readonly batchMode: boolean;
	readonly publicKey: boolean;
	readonly password: boolean;
	readonly keyboardInteractive: boolean;
	readonly preferredAuthentications: string;
	readonly tag: string;
	readonly ignoreUnknown: string;
	readonly canonicalize: boolean;
}

export interface Sourced<Value> {
	readonly value: Value;
	/** Where it was written; nothing for what was asked for besides the files. */
	readonly line: OptionLine | undefined;
}

export type SourcedValues = {-readonly [Key in keyof OptionValues]?: Sourced<OptionValues[Key]>};

export interface NamedIdentity {
	readonly written: string;
	readonly line: OptionLine;
}

/** Source: OpenSSH pathnames.h, `SSH_MAX_IDENTITY_FILES`. */
const mostIdentities = 100;

/** What was read so far. The first value of an option stays; `IdentityFile` gathers. */
export class OptionState {
	readonly values: SourcedValues;
	readonly identities: NamedIdentity[] = [];
	/** By option, so that only its first line is told about, as only that one would count. */
	readonly #errors = new Map<string, UnsupportedOption>();
	readonly #notices = new Map<string, UnsupportedOption>();

	constructor(given: SourcedValues) {
		this.values = {...given};
	}

	get errors(): readonly UnsupportedOption[] {
		return [...this.#errors.values()];
	}

	get notices(): readonly UnsupportedOption[] {
		return [...this.#notices.values()];
	}

	set<Key extends keyof OptionValues>(line: OptionLine, key: Key, value: OptionValues[Key]): void {
		if (line.active === 'no' || this.values[key] !== undefined) {
			return;
		}

		if (line.active === 'unknown') {
			this.#inDoubt(line, this.#errors, `Write ${line.keyword} for this host into a Host block above it.`);
			return;
		}

		const values: {[Each in keyof OptionValues]?: Sourced<OptionValues[Each]>} = this.values;
		values[key] = {value, line} as SourcedValues[Key];
	}

	/** Replaces the name of the host by what it came to, for the second reading. */
	settleHostName(hostName: string): void {
		this.values.hostName = {value: hostName, line: undefined};
	}

	addIdentity(line: OptionLine, written: string): void {
		const known = this.identities.some(each => each.written === written && each.line.ofUser === line.ofUser);
		if (line.active === 'no' || known) {
			return;
		}

		if (line.active === 'unknown') {
			this.#inDoubt(line, this.#notices, 'Write this IdentityFile into a Host block for the host.');
			return;
		}

		if (this.identities.length >= mostIdentities) {
			throw badLine(line, `there are more than ${mostIdentities} identity files`);
		}

		this.identities.push({written, line});
	}

	/** Notes something that ssh would do and this program does not, if the line applies. */
	report(
		line: OptionLine,
		severity: 'error' | 'notice',
		what: Pick<UnsupportedOption, 'consequence' | 'remedy'>,
	): void {
		const found = severity === 'error' ? this.#errors : this.#notices;
		const key = line.keyword.toLowerCase();
		if (line.active !== 'no' && !found.has(key)) {
			found.set(key, {...line.place, keyword: line.keyword, argument: line.rest, ...what});
		}
	}

	#inDoubt(line: OptionLine, found: Map<string, UnsupportedOption>, remedy: string): void {
		const key = placeText(line.place);
		if (!found.has(key)) {
			found.set(key, {
				...line.place,
				keyword: line.keyword,
				argument: line.rest,
				consequence: `whether it applies hangs on ${line.doubt}, which dms-upgrade does not find out`,
				remedy,
			});
		}
	}
}
