import {SshConfigFileError, placeText} from './config-errors.ts';
import {ExpansionError, type Tokens, expandTilde, expandTokens} from './expand.ts';
import {globPaths} from './glob.ts';
import {lowerCase, matchesPattern} from './host-pattern.ts';
import {MatchError, evaluateMatch} from './match-criteria.ts';
import {type Activity, type OptionLine, type OptionState, badLine, bothApply} from './option-state.ts';
import {applyOption} from './options.ts';
import {splitArguments, splitLine} from './split-line.ts';
import {type FileContent, type Surroundings, pathsOf, systemFolder, userFolder} from './surroundings.ts';

/** Source: OpenSSH readconf.c, `READCONF_MAX_DEPTH`. */
const deepestInclude = 16;

/** For whom the files are read. */
export interface ReadingSubject {
	/** As asked for, or at the second reading what the name came to. */
	readonly host: string;
	readonly originalHost: string;
	readonly final: boolean;
}

interface OpenFile {
	readonly path: string;
	readonly depth: number;
	readonly ofUser: boolean;
	/** Whether the file has to belong to the user and be safe from others. */
	readonly guarded: boolean;
}

/** What the lines of a block have in common. */
interface Block {
	readonly active: Activity;
	readonly doubt: string;
}

/** One reading of all files into a state, in the order in which ssh reads them. */
export class ConfigReading {
	/** Whether a `Match final` asks for a second reading. */
	asksForFinal = false;
	readonly #surroundings: Surroundings;
	readonly #subject: ReadingSubject;
	readonly #state: OptionState;

	constructor(surroundings: Surroundings, subject: ReadingSubject, state: OptionState) {
		this.#surroundings = surroundings;
		this.#subject = subject;
		this.#state = state;
	}

	/** @throws SshConfigLineError, SshConfigFileError */
	async readAll(): Promise<void> {
		const {configFile} = this.#surroundings;
		const always: Block = {active: 'yes', doubt: ''};
		const paths = pathsOf(this.#surroundings);
		if (configFile === undefined) {
			const own = paths.join(userFolder(this.#surroundings), 'config');
			const system = paths.join(systemFolder(this.#surroundings), 'ssh_config');
			await this.#readFile({path: own, depth: 0, ofUser: true, guarded: true}, always);
			await this.#readFile({path: system, depth: 0, ofUser: false, guarded: false}, always);
		} else if (lowerCase(configFile) !== 'none') {
			const file = {path: configFile, depth: 0, ofUser: true, guarded: false};
			if (!(await this.#readFile(file, always))) {
				throw new SshConfigFileError(
					configFile,
					'SSH_CONFIG_UNREADABLE',
					'does not exist',
					'Check the path of the SSH configuration.',
				);
			}
		}
	}

	async #readFile(file: OpenFile, outer: Block): Promise<boolean> {
		const content = await this.#content(file);
		if (!content) {
			return false;
		}

		let block = outer;
		for (const [index, line] of content.text.split('\n').entries()) {
			block = await this.#readLine(file, index + 1, line, block, outer);
		}

		return true;
	}

	async #content({path, guarded}: OpenFile): Promise<FileContent | undefined> {
		let content: FileContent | undefined;
		try {
			content = await this.#surroundings.readFile(path);
		} catch (error) {
			throw new SshConfigFileError(
				path,
				'SSH_CONFIG_UNREADABLE',
				`cannot be read: ${error instanceof Error ? error.message : String(error)}`,
				'Check that you may read this file.',
				{cause: error},
			);
		}

		const {platform, userId} = this.#surroundings;
		if (content && guarded && platform !== 'win32') {
			// As ssh, which takes orders from nobody but the user and root. Source: OpenSSH misc.c, `secure_permissions`.
			const foreign = content.ownerId !== 0 && content.ownerId !== userId;
			if (foreign || (content.mode & 0o022) !== 0) {
				throw new SshConfigFileError(
					path,
					'SSH_CONFIG_UNSAFE',
					foreign ? 'belongs to somebody else' : 'can be changed by others',
					foreign
						? `Make it yours: chown ${this.#surroundings.localUser} ${path}`
						: `Keep others from it: chmod go-w ${path}`,
				);
			}
		}

		return content;
	}

	/** Gives the block in which the next line stands. */
	async #readLine(file: OpenFile, number: number, text: string, block: Block, outer: Block): Promise<Block> {
		const place = {file: file.path, line: number};
		const split = splitLine(text);
		if (split === 'nothing') {
			return block;
		}

		if (split === 'unclosed quote') {
			throw badLine({place}, 'a quote is not closed');
		}

		const {keyword, rest} = split;
		if (rest === '') {
			throw badLine({place}, `${keyword} has no argument`);
		}

		const found = splitArguments(rest);
		if (!found) {
			throw badLine({place}, 'a quote is not closed');
		}

		const line: OptionLine = {place, keyword, arguments: found, rest, ofUser: file.ofUser, ...block};
		switch (lowerCase(keyword)) {
			case 'host':
				return {active: bothApply(outer.active, this.#hostApplies(line)), doubt: outer.doubt};
			case 'match':
				return this.#matchBlock(line, outer);
			case 'include':
				await this.#include(line, file, block);
				return block;
			default:
				applyOption(line, this.#state, this.#surroundings);
				return block;
		}
	}

	#hostApplies(line: OptionLine): Activity {
		if (line.arguments.includes('')) {
			throw badLine(line, 'Host has an empty argument');
		}

		const {host} = this.#subject;
		const denied = line.arguments.some(each => each.startsWith('!') && matchesPattern(host, each.slice(1)));
		const named = line.arguments.some(each => !each.startsWith('!') && matchesPattern(host, each));
		return named && !denied ? 'yes' : 'no';
	}

	#matchBlock(line: OptionLine, outer: Block): Block {
		const {values} = this.#state;
		const {localUser} = this.#surroundings;
		try {
			const outcome = evaluateMatch(line.rest, {
				...this.#subject,
				host: this.#hostNow(),
				user: values.user?.value ?? localUser,
				localUser,
				tag: values.tag?.value ?? '',
			});
			this.asksForFinal ||= outcome.asksForFinal;
			const doubt = outcome.doubt === '' ? '' : `${outcome.doubt} in ${placeText(line.place)}`;
			return {active: bothApply(outer.active, outcome.active), doubt: outer.doubt || doubt};
		} catch (error) {
			throw asBadLine(line, error, MatchError);
		}
	}

	/** The name of the host as far as the lines up to here settle it. */
	#hostNow(): string {
		const {host, final} = this.#subject;
		const hostName = this.#state.values.hostName?.value;
		return hostName === undefined || final ? (hostName ?? host) : expandTokens(hostName, {h: host});
	}

	async #include(line: OptionLine, file: OpenFile, block: Block): Promise<void> {
		for (const pattern of line.arguments) {
			if (pattern === '' || (pattern.startsWith('~') && !file.ofUser)) {
				throw badLine(line, `“${pattern}” cannot be included here`);
			}

			let included: readonly string[];
			try {
				included = await globPaths(this.#absolute(pattern, file), this.#surroundings);
			} catch (error) {
				throw asBadLine(line, error, ExpansionError);
			}

			for (const path of included) {
				if (file.depth >= deepestInclude) {
					throw badLine(line, `files include each other more than ${deepestInclude} deep`);
				}

				await this.#readFile({path, depth: file.depth + 1, ofUser: file.ofUser, guarded: true}, block);
			}
		}
	}

	#absolute(pattern: string, {ofUser}: OpenFile): string {
		const {environment, home, platform} = this.#surroundings;
		const paths = pathsOf(this.#surroundings);
		const expanded = expandTokens(pattern, this.#tokensNow(), environment);
		if (expanded.startsWith('~')) {
			// Here alone ssh goes by HOME, in which the system's glob looks.
			const folder = platform === 'win32' ? home : (environment['HOME'] ?? home);
			return expandTilde(expanded, this.#surroundings, folder);
		}

		if (paths.isAbsolute(expanded)) {
			return expanded;
		}

		return paths.join(ofUser ? this.#userFolder() : systemFolder(this.#surroundings), expanded);
	}

	#userFolder(): string {
		const {environment, home, platform} = this.#surroundings;
		const folder = platform === 'win32' ? home : (environment['HOME'] ?? home);
		return userFolder({...this.#surroundings, home: folder});
	}

	#tokensNow(): Tokens {
		const {values} = this.#state;
		const {localUser, home, computer, userId} = this.#surroundings;
		const host = this.#hostNow();
		return {
			L: computer.replace(/\..*$/s, ''),
			d: home,
			h: host,
			i: String(userId),
			k: values.hostKeyAlias?.value ?? host,
			l: computer,
			n: this.#subject.originalHost,
			p: String(values.port?.value ?? 22),
			r: values.user?.value ?? localUser,
			u: localUser,
		};
	}
}

function asBadLine(
	line: OptionLine,
	error: unknown,
	kind: typeof ExpansionError | typeof MatchError,
): unknown {
	return error instanceof kind || error instanceof ExpansionError ? badLine(line, error.message) : error;
}
