import {randomUUID} from 'node:crypto';
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {inspect} from 'node:util';
import type {HostKeyQuestion, Prompts, SecretQuestion} from '../../source/agent/prompts.ts';

/** Somebody who is asked, and says what the test wants. */
export class ScriptedPerson implements Prompts {
	readonly hostKeys: HostKeyQuestion[] = [];
	readonly secrets: SecretQuestion[] = [];
	/** Questions that were open at the same time. */
	mostAtOnce = 0;
	readonly #trusts: boolean;
	readonly #answers: (question: SecretQuestion) => string | undefined | Promise<string | undefined>;
	#open = 0;

	constructor({
		trusts = false,
		answers = () => undefined,
	}: {
		trusts?: boolean;
		answers?: (question: SecretQuestion) => string | undefined | Promise<string | undefined>;
	} = {}) {
		this.#trusts = trusts;
		this.#answers = answers;
	}

	askHostKey(question: HostKeyQuestion): Promise<boolean> {
		this.hostKeys.push(question);
		return this.#ask(() => this.#trusts);
	}

	askSecret(question: SecretQuestion): Promise<string | undefined> {
		this.secrets.push(question);
		return this.#ask(() => this.#answers(question));
	}

	async #ask<Value>(answer: () => Value | Promise<Value>): Promise<Value> {
		this.#open += 1;
		this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
		// Others get the chance to ask meanwhile.
		await new Promise(resolve => setImmediate(resolve));
		try {
			return await answer();
		} finally {
			this.#open -= 1;
		}
	}
}

/** A user of this computer with a password, for as long as a test runs. */
export interface TemporaryUser {
	readonly name: string;
	readonly password: string;
	remove(): void;
}

/**
 * Says loudly that the tests with passwords do not run: they need root, useradd and chpasswd, and an sshd with PAM. On
 * a build server that is a failure. In a container, /etc/pam.d/sshd works as Debian delivers it.
 */
export function usersCannotBeMade(): boolean {
	const possible =
		process.getuid?.() === 0 &&
		['/usr/sbin/useradd', '/usr/sbin/chpasswd', '/etc/pam.d/sshd'].every(path => existsSync(path));
	if (!possible && process.env['CI']) {
		throw new Error('The tests with passwords need root on Debian with openssh-server and passwd.');
	}

	if (!possible) {
		console.warn('SKIPPED: the tests with passwords, since they need root on Debian, to make a user.');
	}

	return !possible;
}

export function makeUser(): TemporaryUser {
	const name = `dmsup-${randomUUID().slice(0, 8)}`;
	const password = `pass word ${randomUUID()}`;
	run('/usr/sbin/useradd', ['-M', '-d', '/', '-s', '/bin/sh', name]);
	run('/usr/sbin/chpasswd', [], `${name}:${password}\n`);
	return {name, password, remove: () => run('/usr/sbin/userdel', [name])};
}

function run(program: string, args: readonly string[], input = ''): void {
	const {status, stderr} = spawnSync(program, args, {input, encoding: 'utf8'});
	if (status !== 0) {
		throw new Error(`${program} failed: ${stderr}`);
	}
}

/** All that could be printed of an error. */
export function everythingOf(error: unknown): string {
	return [inspect(error, {depth: 20, showHidden: true}), JSON.stringify(error), String(error)].join('\n');
}
