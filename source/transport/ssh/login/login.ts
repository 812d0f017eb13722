import type {AnyAuthMethod, Prompt} from 'ssh2';
import {visibleText} from '../../../domain/text.ts';
import type {HostSettings} from '../client-config/host-settings.ts';
import type {Person} from '../network/person.ts';
import type {SecretStore} from '../secret-store.ts';
import type {Ssh2} from './agent-keys.ts';
import {KeyLogins, type KeySources} from './key-logins.ts';
import {LoginCancelledError, type LoginReport} from './login-errors.ts';

/** Passwords that one login sends at most, and rounds of questions that it answers. Source: ssh_config(5), NumberOfPasswordPrompts. */
const mostTries = 3;

/** Questions in one round; a server that has more wants something else. */
const mostPrompts = 16;

/** An answer that is good only once must not be given a second time. */
const isGoodOnce = (text: string) => onceOnly.test(text);

const onceOnly = /one.?time|\botp\b|code|token|verif|challenge|passcode|authenticator|\bpin\b|duo/i;

/** The order of OpenSSH. Source: ssh_config(5), PreferredAuthentications. */
const usualOrder = ['publickey', 'keyboard-interactive', 'password'] as const;

type Way = (typeof usualOrder)[number];

/** The way through one login: says what to try next, and remembers what was refused. */
export class Login {
	readonly #sources: KeySources;
	readonly #settings: HostSettings;
	readonly #secrets: SecretStore;
	readonly #person: Person;
	readonly #keys: KeyLogins;
	readonly #nextKey: AsyncGenerator<{shown: string; method: AnyAuthMethod}, void, undefined>;
	readonly #tried: string[] = [];
	readonly #notes: string[] = [];
	readonly #tries = {password: 0, 'keyboard-interactive': 0};
	#onFailure: (error: unknown) => void = () => undefined;
	#offered: readonly string[] | undefined;
	/** What is being tried: how it is called, and which answers to forget if the server refuses it. */
	#current: {readonly shown: string; readonly answers: Set<string>} | undefined;

	constructor(ssh2: Ssh2, sources: KeySources, secrets: SecretStore, person: Person) {
		this.#sources = sources;
		this.#settings = sources.settings;
		this.#secrets = secrets;
		this.#person = person;
		this.#keys = new KeyLogins(ssh2, sources, secrets, person);
		this.#nextKey = this.#keys[Symbol.asyncIterator]();
	}

	/**
	 * What to try next; false when nothing is left. To be called with what the server still offers (null before it was
	 * asked) and whether it wants something besides what it has accepted.
	 * @throws TurnNeeded, LoginCancelledError
	 */
	async next(offered: readonly string[] | null, partly: boolean | null): Promise<AnyAuthMethod | false> {
		const {user} = this.#settings;
		if (offered === null) {
			// The server answers with what it offers; this does not count as a try.
			return {type: 'none', username: user};
		}

		this.#offered = offered;
		this.#settle(partly === true);
		for (const way of this.#ways()) {
			const method = offered.includes(way) ? await this.#by(way) : undefined;
			if (method) {
				return method;
			}
		}

		return false;
	}

	/** What was done, when it was all in vain. */
	report(tooMany: boolean): LoginReport {
		this.#settle(false);
		return {
			user: this.#settings.user,
			tried: this.#tried,
			notes: [...this.#keys.notes, ...this.#notes],
			offered: this.#offered,
			tooMany,
		};
	}

	#settle(accepted: boolean): void {
		if (this.#current && !accepted) {
			this.#tried.push(this.#current.shown);
			for (const name of this.#current.answers) {
				this.#secrets.forgetAnswer(name);
			}
		}

		this.#current = undefined;
	}

	#ways(): readonly Way[] {
		const {login} = this.#settings;
		const allowed: Readonly<Record<Way, boolean>> = {
			publickey: login.publicKey,
			'keyboard-interactive': login.keyboardInteractive,
			password: login.password,
		};
		const isWay = (name: string): name is Way => usualOrder.some(way => way === name);
		return (login.preferred?.filter(isWay) ?? usualOrder).filter(way => allowed[way]);
	}

	async #by(way: Way): Promise<AnyAuthMethod | undefined> {
		switch (way) {
			case 'publickey': {
				const next = await this.#nextKey.next();
				if (next.done) {
					return undefined;
				}

				this.#current = {shown: next.value.shown, answers: new Set()};
				return next.value.method;
			}

			case 'password':
				return this.#byPassword();
			case 'keyboard-interactive':
				return this.#byQuestions();
		}
	}

	async #byPassword(): Promise<AnyAuthMethod | undefined> {
		const {user} = this.#settings;
		if (this.#tries.password >= mostTries) {
			return undefined;
		}

		const name = this.#name('password');
		const password = await this.#answer(name, {text: `Password of ${visibleText(user, 100)}`, echo: false});
		if (password === undefined) {
			return undefined;
		}

		this.#tries.password += 1;
		this.#current = {shown: 'a password', answers: new Set([name])};
		return {type: 'password', username: user, password};
	}

	#byQuestions(): AnyAuthMethod | undefined {
		const tries = this.#tries['keyboard-interactive'];
		if (tries >= mostTries) {
			return undefined;
		}

		const prefix = this.#name('question ');
		if (!this.#secrets.hasAnswers(prefix)) {
			if (!this.#mayAsk('keyboard-interactive')) {
				return undefined;
			}

			this.#person.prepare(prefix);
		}

		const answers = new Set<string>();
		this.#tries['keyboard-interactive'] += 1;
		this.#current = {shown: 'answers to its questions (keyboard-interactive)', answers};
		return {
			type: 'keyboard-interactive',
			username: this.#settings.user,
			prompt: (title, instructions, _language, prompts, finish) => {
				const said = visibleText([title, instructions].filter(text => text !== '').join(': '), 500);
				this.#answerAll(prompts, said, tries > 0, answers).then(finish, (error: unknown) =>
					this.#onFailure(error),
				);
			},
		};
	}

	/** Called when a question cannot be answered in the middle of a try; the login is over then. */
	set onFailure(listener: (error: unknown) => void) {
		this.#onFailure = listener;
		this.#keys.onFailure = listener;
	}

	async #answerAll(
		prompts: readonly Prompt[],
		instructions: string,
		again: boolean,
		used: Set<string>,
	): Promise<string[]> {
		const answers: string[] = [];
		for (const {prompt, echo = false} of prompts.slice(0, mostPrompts)) {
			const name = this.#name(`question ${prompt}`);
			used.add(name);
			const text = visibleText(prompt.trim(), 200);
			const answer = await this.#answer(name, {text, echo, instructions, again});
			if (answer === undefined) {
				throw new LoginCancelledError(this.#sources.address, `“${text}”`);
			}

			answers.push(answer);
		}

		return answers;
	}

	/** What was answered before, or is answered now; nothing where nobody can be asked. */
	async #answer(
		name: string,
		question: {text: string; echo: boolean; instructions?: string; again?: boolean},
	): Promise<string | undefined> {
		const known = this.#secrets.answer(name);
		if (known !== undefined) {
			return known;
		}

		const byPassword = question.instructions === undefined;
		const kind = byPassword ? 'password' : 'keyboard-interactive';
		if (!this.#mayAsk(kind)) {
			return undefined;
		}

		const answered = await this.#person.secret(name, {
			kind,
			address: this.#sources.address,
			host: this.#settings.hostName,
			port: this.#settings.port,
			user: this.#settings.user,
			text: question.text,
			instructions: question.instructions ?? '',
			echo: question.echo,
			again: question.again ?? this.#tries[kind] > 0,
			goodOnce: isGoodOnce(question.text),
		});
		if (answered === 'declined') {
			throw new LoginCancelledError(this.#sources.address, `“${question.text}”`);
		}

		if (answered === 'nobody') {
			return undefined;
		}

		if (!isGoodOnce(question.text)) {
			this.#secrets.keepAnswer(name, answered.value);
		}

		return answered.value;
	}

	#mayAsk(way: 'password' | 'keyboard-interactive'): boolean {
		const possible = this.#person.possible && !this.#settings.batchMode;
		if (!possible) {
			const what = way === 'password' ? 'a password' : 'answers to its questions (keyboard-interactive)';
			this.#notes.push(`${what}: nobody could be asked`);
		}

		return possible;
	}

	#name(what: string): string {
		const {user, hostName, port} = this.#settings;
		return `${user}@${hostName}:${port} ${what}`;
	}
}
