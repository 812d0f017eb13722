import {
	type Document,
	LineCounter,
	type ParsedNode,
	isAlias,
	isMap,
	isNode,
	isPair,
	isScalar,
	isSeq,
	parseDocument,
	visit,
} from 'yaml';
import {visibleText} from '../domain/text.ts';
import {isTooMuch, syntaxProblems, tooMuch} from './yaml-syntax.ts';
import type {FileProblem, TextPlace} from './yaml-problem.ts';

/** So often may a text refer to something that stands in it already; what refers to references counts for all of them. */
const mostAliases = 100;

/** A YAML text that was read. */
export interface YamlText {
	readonly content: unknown;
	/** Where the value of this path begins, or whatever comes nearest to it. */
	placeOf(path: readonly PropertyKey[]): TextPlace;
	/** Where this key of the map at that path stands. */
	placeOfKey(path: readonly PropertyKey[], key: string): TextPlace;
}

/**
 * Reads a YAML 1.2 text, and JSON, which is YAML, too. Keys are text, and stand once in each map; a key that looks like
 * a secret is a problem, wherever it is.
 */
export function readYaml(text: string): YamlText | readonly FileProblem[] {
	const lines = new LineCounter();
	try {
		const document = parseDocument(text, {
			lineCounter: lines,
			prettyErrors: false,
			// Comparing each key with each other one takes minutes where a file has many.
			uniqueKeys: false,
		});
		const placeAt = (offset: number) => placeIn(lines, offset);
		const syntax = syntaxProblems(document, placeAt);
		const problems = syntax.length > 0 ? syntax : nodeProblems(document, placeAt);
		return problems.length > 0 ? problems : yamlText(document, placeAt);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return [
			isTooMuch(message)
				? tooMuch
				: {cause: `it cannot be read (${visibleText(message, 200)})`, remedy: tooMuch.remedy},
		];
	}
}

function yamlText(document: Document.Parsed, placeAt: (offset: number) => TextPlace): YamlText {
	const nodesAlong = (path: readonly PropertyKey[]) => {
		let node: unknown = document.contents;
		let offset = offsetOf(node) ?? 0;
		for (const step of path) {
			node = child(resolved(node, document), step);
			offset = offsetOf(node) ?? offset;
		}

		return {node: resolved(node, document), offset};
	};
	return {
		content: document.toJS({maxAliasCount: mostAliases}) as unknown,
		placeOf: path => placeAt(nodesAlong(path).offset),
		placeOfKey(path, key) {
			const {node, offset} = nodesAlong(path);
			const pair = isMap(node) ? node.items.find(item => keyText(item.key) === key) : undefined;
			return placeAt(offsetOf(pair?.key) ?? offset);
		},
	};
}

function child(node: unknown, step: PropertyKey): unknown {
	if (isMap(node)) {
		return node.items.find(({key}) => keyText(key) === String(step))?.value;
	}

	return isSeq(node) ? node.items[Number(step)] : undefined;
}

function resolved(node: unknown, document: Document.Parsed): unknown {
	return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(node: unknown): number | undefined {
	return isNode(node) ? (node as ParsedNode).range[0] : undefined;
}

function keyText(key: unknown): string | undefined {
	return isScalar(key) ? String(key.value) : undefined;
}

function placeIn(lines: LineCounter, offset: number): TextPlace {
	const {line, col} = lines.linePos(offset);
	return {line: Math.max(1, line), column: Math.max(1, col)};
}

const danglingReference = {
	cause: 'this * names nothing that stands before it',
	remedy: 'Put the text in quotes if it is text.',
};

const secret = /^(?:pass(?:word|wd|phrase)?|pwd|secret|token|privatekey)$/;

/** What is wrong with keys and references, whatever they mean. */
function nodeProblems(document: Document.Parsed, placeAt: (offset: number) => TextPlace): FileProblem[] {
	const problems: FileProblem[] = [];
	const anchors = new Set<string>();
	visit(document, {
		Alias(_, alias) {
			if (!anchors.has(alias.source)) {
				problems.push({place: placeAt(offsetOf(alias) ?? 0), ...danglingReference});
			}
		},
		Value(_, {anchor}) {
			if (anchor !== undefined) {
				anchors.add(anchor);
			}
		},
		Map(_, map, path) {
			const above = path.at(-1);
			const areNames = path.length === 3 && isPair(above) && keyText(above.key) === 'clusters';
			if (map.anchor !== undefined) {
				anchors.add(map.anchor);
			}

			const seen = new Map<string, TextPlace>();
			for (const {key} of map.items) {
				const place = placeAt(offsetOf(key) ?? offsetOf(map) ?? 0);
				const text = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
				const before = text === undefined ? undefined : seen.get(text);
				const problem = problemOfKey(text, before, areNames);
				if (problem) {
					problems.push({place, ...problem});
				}

				if (text !== undefined) {
					seen.set(text, before ?? place);
				}
			}
		},
	});
	return problems;
}

function problemOfKey(
	key: string | undefined,
	before: TextPlace | undefined,
	isName: boolean,
): Pick<FileProblem, 'cause' | 'remedy'> | undefined {
	if (key === undefined) {
		return {cause: 'a key must be text', remedy: 'Put it in quotes.'};
	}

	if (!isName && secret.test(key.toLowerCase().replaceAll(/[\s_-]/g, ''))) {
		return {
			cause: `“${visibleText(key, 60)}” has no place here: secrets are not kept in this file`,
			remedy:
				'Remove that line. A password is asked for; a private key (identityFile) or an ssh-agent spares you that.',
		};
	}

	if (before) {
		return {
			cause: `“${visibleText(key, 60)}” stands here for the second time, after line ${before.line}`,
			remedy: 'Remove one of the two.',
		};
	}

	return key === '__proto__' ? {cause: 'this key is not allowed', remedy: 'Choose another name.'} : undefined;
}
