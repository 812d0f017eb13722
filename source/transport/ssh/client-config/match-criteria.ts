import type {Activity} from './option-state.ts';
import {bothApply} from './option-state.ts';
import {lowerCase, matchesHostList, matchesPatternList} from './host-pattern.ts';
import {nextWord} from './split-line.ts';

/** What the criteria of a `Match` are held against. */
export interface MatchSubject {
	/** The host as far as it is known at this line. */
	readonly host: string;
	readonly originalHost: string;
	readonly user: string;
	readonly localUser: string;
	readonly tag: string;
	/** Whether this is the second reading of the files. */
	readonly final: boolean;
}

export interface MatchOutcome {
	readonly active: Activity;
	/** The criterion because of which `active` is unknown. */
	readonly doubt: string;
	readonly asksForFinal: boolean;
}

/** Why a `Match` cannot be read: a clause for the user. */
export class MatchError extends Error {}

/** What only the command, the network or the version of the ssh at hand would tell. */
const undecided = new Set(['exec', 'localnetwork', 'command', 'sessiontype', 'version']);

/**
 * Whether a `Match` applies. Source: OpenSSH readconf.c, `match_cfg_line`.
 * @throws MatchError
 */
export function evaluateMatch(conditions: string, subject: MatchSubject): MatchOutcome {
	let active: Activity = 'yes';
	let doubt = '';
	let asksForFinal = false;
	let criteria = 0;
	let left: string | undefined = conditions;
	const take = () => {
		const {word, rest} = left === undefined ? {word: undefined, rest: undefined} : nextWord(left);
		left = rest;
		return word === '' || word?.startsWith('#') ? undefined : word;
	};
	const hold = (matches: Activity) => (active = bothApply(active, matches));

	for (let word = take(); word !== undefined; word = take()) {
		const negated = word.startsWith('!');
		const criterion = lowerCase(negated ? word.slice(1) : word);
		const fits = (matches: boolean): Activity => (matches === negated ? 'no' : 'yes');
		if (criterion === 'all') {
			if (criteria > 1 || take() !== undefined) {
				throw new MatchError('“all” cannot stand beside other criteria');
			}

			return {active: hold(fits(true)), doubt, asksForFinal};
		}

		criteria++;
		if (criterion === 'final' || criterion === 'canonical') {
			asksForFinal ||= criterion === 'final';
			hold(fits(subject.final));
			continue;
		}

		const argument = take();
		if (argument === undefined) {
			throw new MatchError(`“${criterion}” needs something to compare with`);
		}

		const matches = valueMatches(criterion, argument, subject);
		if (matches !== undefined) {
			hold(fits(matches));
		} else if (undecided.has(criterion)) {
			doubt ||= `Match ${criterion}`;
			hold('unknown');
		} else {
			throw new MatchError(`“${criterion}” is no criterion of Match`);
		}
	}

	if (criteria === 0) {
		throw new MatchError('a Match needs a criterion');
	}

	return {active, doubt, asksForFinal};
}

function valueMatches(criterion: string, argument: string, subject: MatchSubject): boolean | undefined {
	switch (criterion) {
		case 'host':
			return matchesHostList(subject.host, argument);
		case 'originalhost':
			return matchesHostList(subject.originalHost, argument);
		case 'user':
			return matchesPatternList(subject.user, argument);
		case 'localuser':
			return matchesPatternList(subject.localUser, argument);
		case 'tagged':
			return matchesPatternList(subject.tag, argument);
		default:
			return undefined;
	}
}
