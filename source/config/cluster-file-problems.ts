import type * as z from 'zod';
import {visibleText} from '../domain/text.ts';
import {accessShape, agentSchema, clusterShape} from './inventory.ts';
import {nearestWord} from './nearest-word.ts';
import type {FileProblem} from './yaml-problem.ts';
import type {YamlText} from './yaml-text.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const agentKeys = Object.keys(agentSchema.shape);
const clusterKeys = [...Object.keys(accessShape), ...Object.keys(clusterShape)];
const inventoryKeys = ['cluster', ...Object.keys(clusterShape)];

function keysAt(path: Path): readonly string[] {
	if (path.at(-2) === 'agents') {
		return agentKeys;
	}

	return path[0] === 'clusters' ? clusterKeys : path.length === 0 ? inventoryKeys : [];
}

/** What a schema says against a text, in words and with the places. */
export function problemsOf(issues: readonly Issue[], text: YamlText): readonly FileProblem[] {
	// A misspelt key is not missing as well.
	const misspelt = new Set(
		issues.flatMap(issue =>
			issue.code === 'unrecognized_keys'
				? issue.keys.map(key => pathText([...issue.path, nearestWord(key, keysAt(issue.path)) ?? key]))
				: [],
		),
	);
	return issues
		.filter(issue => issue.code !== 'invalid_type' || !misspelt.has(pathText(issue.path)))
		.flatMap(issue => problemsOfIssue(issue, text));
}

function pathText(path: Path): string {
	return JSON.stringify(path.map(String));
}

function problemsOfIssue(issue: Issue, text: YamlText): readonly FileProblem[] {
	const {path} = issue;
	switch (issue.code) {
		case 'unrecognized_keys':
			return issue.keys.map(key => ({
				place: text.placeOfKey(path, key),
				...unknownKey(key, keysAt(path), `in ${subject(path)}`),
			}));
		case 'invalid_key':
			return [
				{
					place: text.placeOfKey(path.slice(0, -1), String(path.at(-1))),
					cause: `this is no name for a cluster: ${visibleText(issue.issues[0]?.message ?? '', 200)}`,
					remedy: 'Choose another name.',
				},
			];
		case 'invalid_type':
			return [{place: text.placeOf(path), ...wrongType(path, issue.expected, valueAt(text.content, path))}];
		default:
			return [
				{
					place: text.placeOf(path),
					cause: `${subject(path)}: ${visibleText(issue.message, 300)}`,
					remedy: remedies[String(path.at(-1))] ?? 'Correct it there.',
				},
			];
	}
}

export function unknownKey(
	key: string,
	known: readonly string[],
	where: string,
): Pick<FileProblem, 'cause' | 'remedy'> {
	const nearest = nearestWord(key, known);
	return {
		cause: `there is no “${visibleText(key, 60)}” ${where}`,
		remedy:
			nearest === undefined
				? `Remove it, or choose among ${known.join(', ')}.`
				: `Did you mean “${nearest}”?`,
	};
}

const remedies: Readonly<Record<string, string>> = {
	hostKey: 'Write what ssh-keygen -l prints for the key of the server, or leave it out.',
	identityFile: 'Write the path of the private key, not the key.',
	partner: 'Write “partner” into both Agents of the pair, each with the name of the other.',
	address: 'Write the Agent’s own host name or IP address, without user and port.',
	port: 'Write the port of the SSH server, or leave it out.',
	name: 'Give each Agent a name of its own.',
	launch: 'Write “task” or “direct”, or leave it out: then it is a scheduled task.',
	clusters: 'Write the names of the clusters, each with its Agents below it.',
	agents: 'List the Agents, each on a line that begins with “- ”.',
};

const words: Readonly<Record<string, string>> = {
	string: 'text',
	number: 'a number',
	int: 'a whole number',
	array: 'a list',
	object: 'a map (key: value)',
	record: 'a map of names',
};

function wrongType(path: Path, expected: string, value: unknown): Pick<FileProblem, 'cause' | 'remedy'> {
	const key = String(path.at(-1));
	const wanted = words[expected] ?? visibleText(expected, 40);
	if (value === undefined) {
		return {cause: `${subject(path.slice(0, -1))} has no “${key}”`, remedy: `Add “${key}: …” there.`};
	}

	const cause = `${subject(path)}: ${wanted} is expected, and this is ${kindOf(value)}`;
	if (expected === 'string' && typeof value !== 'object') {
		return {cause, remedy: 'Put it in quotes.'};
	}

	if ((expected === 'number' || expected === 'int') && typeof value === 'string') {
		return {cause, remedy: 'Write the number without quotes, and nothing else.'};
	}

	return {cause, remedy: remedies[key] ?? `Write ${wanted} there.`};
}

function kindOf(value: unknown): string {
	switch (typeof value) {
		case 'string':
			return 'text';
		case 'number':
		case 'bigint':
			return 'a number';
		case 'boolean':
			return 'true or false';
		default:
			return value === null
				? 'nothing'
				: Array.isArray(value)
					? 'a list'
					: value instanceof Date
						? 'a date'
						: 'a map';
	}
}

/** What a path leads to, in words: `port of Agent 3 of Headend`. */
function subject(path: Path): string {
	if (path.length === 0) {
		return 'the file';
	}

	const at = path.indexOf('agents');
	const cluster = path[0] === 'clusters' && path.length > 1 ? visibleText(String(path[1]), 80) : undefined;
	const agent = at >= 0 && path.length > at + 1 ? `Agent ${Number(path[at + 1]) + 1}` : undefined;
	const inside = agent === undefined ? (cluster === undefined ? 0 : 2) : at + 2;
	const key = path.slice(inside).map(String)[0];
	return [key === undefined ? undefined : visibleText(key, 60), agent, cluster]
		.filter(part => part !== undefined)
		.join(' of ');
}

function valueAt(content: unknown, path: Path): unknown {
	let value = content;
	for (const step of path) {
		value =
			typeof value === 'object' && value !== null && Object.hasOwn(value, step)
				? (value as Readonly<Record<PropertyKey, unknown>>)[step]
				: undefined;
	}

	return value;
}
