import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';

/** A line of a configuration. Lines count from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
}

export function placeText({file, line}: Place): string {
	return `${visibleText(file, 500)}:${line}`;
}

/** A line of an SSH configuration that `ssh` would not take either. */
export class SshConfigLineError extends UserError {
	readonly code = 'SSH_CONFIG_INVALID';
	constructor(
		readonly place: Place,
		reason: string,
		readonly remedy: string,
	) {
		super(`${placeText(place)}: ${visibleText(reason, 500)}.`);
	}

	get nextSteps() {
		return [this.remedy];
	}
}

/** A whole SSH configuration that cannot be used: not readable, or others may change it. */
export class SshConfigFileError extends UserError {
	readonly code: 'SSH_CONFIG_UNREADABLE' | 'SSH_CONFIG_UNSAFE';
	constructor(
		readonly file: string,
		code: 'SSH_CONFIG_UNREADABLE' | 'SSH_CONFIG_UNSAFE',
		reason: string,
		readonly remedy: string,
		options?: ErrorOptions,
	) {
		super(`${visibleText(file, 500)} ${visibleText(reason, 500)}.`, options);
		this.code = code;
	}

	get nextSteps() {
		return [this.remedy];
	}
}

/** Something in an SSH configuration that `ssh` does and this program does not. */
export interface UnsupportedOption extends Place {
	/** As written in the file. */
	readonly keyword: string;
	readonly argument: string;
	/** What is different from what `ssh` would do. A clause, without a full stop. */
	readonly consequence: string;
	/** What the user can do about it. A sentence. */
	readonly remedy: string;
}

/** The configuration asks for something without which this host cannot be reached as it says. Nothing was sent. */
export class SshConfigUnsupportedError extends UserError {
	readonly code = 'SSH_CONFIG_UNSUPPORTED';
	constructor(
		readonly host: string,
		readonly options: readonly UnsupportedOption[],
	) {
		const lines = options.map(
			option =>
				`${placeText(option)}: ${visibleText(option.keyword, 100)} ${visibleText(option.argument, 200)}: ${option.consequence}`,
		);
		super(
			`${visibleText(host, 200)} cannot be reached as the SSH configuration says (${lines.join('; ')}). Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [...new Set(this.options.map(({remedy}) => remedy))];
	}
}

/** The way to a host by `ProxyJump` leads back to itself, or over more hosts than anybody means. */
export class SshJumpLoopError extends UserError {
	readonly code = 'SSH_JUMP_LOOP';
	constructor(
		readonly host: string,
		readonly way: readonly string[],
	) {
		super(
			`The way to ${visibleText(host, 200)} never ends: ${way.map(each => visibleText(each, 100)).join(', ')}.`,
		);
	}

	get nextSteps() {
		return [
			'Give the host in between a Host block with “ProxyJump none” above the one that names it in ProxyJump.',
		];
	}
}
