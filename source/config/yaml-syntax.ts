import type {Document, ErrorCode, YAMLParseError, YAMLWarning} from 'yaml';
import {visibleText} from '../domain/text.ts';
import type {FileProblem, TextPlace} from './yaml-problem.ts';

type Words = Pick<FileProblem, 'cause' | 'remedy'>;

const indent: Words = {
	cause: 'this does not begin where it should, or closes a bracket that is not open',
	remedy: 'Begin the lines that belong together in the same column, with blanks.',
};

const oneKeyALine: Words = {
	cause: 'a key and its value are not told apart here',
	remedy: 'Write “key: value”, with a blank behind the colon; put text with a colon or a # in quotes.',
};

/** What the errors of the reader mean for somebody who writes a list of Agents. */
const words: Partial<Readonly<Record<ErrorCode, Words>>> = {
	TAB_AS_INDENT: {
		cause: 'a tab begins this line',
		remedy: 'Begin lines with blanks: YAML does not allow tabs there.',
	},
	BAD_INDENT: indent,
	BLOCK_AS_IMPLICIT_KEY: oneKeyALine,
	BLOCK_IN_FLOW: {
		cause: 'a list or a map that began with a bracket goes on without brackets',
		remedy: 'Close the bracket first, or write all of it with brackets.',
	},
	MULTILINE_IMPLICIT_KEY: oneKeyALine,
	KEY_OVER_1024_CHARS: oneKeyALine,
	MISSING_CHAR: {
		cause:
			'something is not finished here: a quote, a bracket, a comma or the blank behind a colon is missing',
		remedy: 'Add it; look at the lines before, too.',
	},
	UNEXPECTED_TOKEN: {cause: 'this is not expected here', remedy: 'Remove it, or put the text in quotes.'},
	BAD_SCALAR_START: {
		cause: 'text must not begin with this character',
		remedy: 'Put the text in quotes.',
	},
	BAD_DQ_ESCAPE: {
		cause: 'a backslash in double quotes begins a character code, and this one is none',
		remedy: 'Use single quotes, or two backslashes.',
	},
	MULTIPLE_DOCS: {
		cause: 'a second document begins here',
		remedy: 'Remove “---” or “...”: all clusters stand in one document.',
	},
	TAG_RESOLVE_FAILED: {
		cause: 'a tag such as !this means nothing here',
		remedy: 'Remove it, or put the text in quotes if it is text.',
	},
};

/** Of a text that makes the reader give up. */
export const tooMuch: FileProblem = {
	cause: 'it is nested, or refers to itself, far more than a list of clusters needs',
	remedy: 'Write it plainly: clusters, and a list of Agents below each.',
};

export function isTooMuch(message: string): boolean {
	return /^(?:Maximum call stack|Excessive alias)/.test(message);
}

/** The first mistake; those behind it follow from it, more often than not. A tab may make itself felt before it. */
export function syntaxProblems(
	{errors, warnings}: Document.Parsed,
	placeAt: (offset: number) => TextPlace,
): readonly FileProblem[] {
	const all = [...errors, ...warnings];
	const first = all.find(({code}) => code === 'TAB_AS_INDENT') ?? all[0];
	return first ? [syntaxProblem(first, placeAt)] : [];
}

function syntaxProblem(
	{code, message, pos}: Pick<YAMLParseError | YAMLWarning, 'code' | 'message' | 'pos'>,
	placeAt: (offset: number) => TextPlace,
): FileProblem {
	const told = isTooMuch(message) ? tooMuch : words[code];
	return {
		place: placeAt(pos[0]),
		...(told ?? {cause: `it is no YAML: ${visibleText(message, 200)}`, remedy: 'Correct it there.'}),
	};
}
