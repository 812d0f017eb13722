import type {Random} from './package-fuzz.ts';

/** As far as these documents go. */
export interface JsonSchema {
	readonly type?: string;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	readonly required?: readonly string[];
	readonly items?: JsonSchema;
	readonly anyOf?: readonly JsonSchema[];
	readonly additionalProperties?: boolean | JsonSchema;
	readonly pattern?: string;
	readonly format?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minItems?: number;
}

interface Described {
	readonly summary: string;
	readonly security: readonly {readonly token: readonly [string]}[];
	readonly parameters?: readonly {
		readonly name: string;
		readonly in: 'path' | 'query' | 'header';
		readonly required?: boolean;
		readonly schema: JsonSchema;
	}[];
	readonly requestBody?: {readonly content: Readonly<Record<string, {readonly schema: JsonSchema}>>};
	readonly responses: Readonly<
		Record<string, {readonly content?: Readonly<Record<string, {readonly schema: JsonSchema}>>}>
	>;
}

export interface OpenApi {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

export interface GeneratedRequest {
	/** As the document writes it. */
	readonly path: string;
	readonly method: string;
	readonly url: string;
	readonly headers: Record<string, string>;
	readonly body: string | undefined;
	/** The scope that the document says it needs; undefined where it needs none. */
	readonly needs: string | undefined;
}

/** What has harmed other services. */
const nasty = [
	'',
	' ',
	'\u0000',
	'../../../../etc/passwd',
	'..\\..\\Windows\\win.ini',
	'C:\\Windows\\System32\\cmd.exe',
	'%2e%2e%2f',
	'a\r\nX-Injected: 1',
	'"; shutdown /s /t 0 & rem ',
	"'; Stop-Service SLDataMiner; '",
	'$(calc)',
	'${jndi:ldap://x}',
	'__proto__',
	'constructor',
	'{"a":1}',
	'\u202e\u2066',
	'\ud800',
	'NaN',
	'1e999',
	'-1',
	'9007199254740993',
	'x'.repeat(10_000),
];
const odd: readonly unknown[] = [
	null,
	true,
	-1,
	0.5,
	1e308,
	2 ** 53,
	[],
	{},
	[[[[]]]],
	{__proto__: null, a: 1},
];

const contentTypes = [
	'application/octet-stream',
	'application/offset+octet-stream',
	'application/json',
	'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=x',
	'text/plain',
	'application/xml',
	'x',
];

/** A request that the document allows, or one that is a little, or quite, different. */
export function requestFrom({paths}: OpenApi, random: Random): GeneratedRequest {
	const all = Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, described]) => ({path, method, described})),
	);
	const {path, method, described} = pick(random, all);
	const spoiled = random(2) === 0;
	const spoil = (value: unknown) => (spoiled && random(3) === 0 ? other(value, random) : value);
	const text = (schema: JsonSchema) => {
		const value = spoil(valueOf(schema, random));
		return typeof value === 'string' ? value : JSON.stringify(value);
	};
	const headers: Record<string, string> = {};
	const query = new URLSearchParams();
	let url = path;
	for (const {name, in: where, required, schema} of described.parameters ?? []) {
		if (where === 'path') {
			url = url.replace(`{${name}}`, encodeURIComponent(wellFormed(text(schema))) || '%20');
		} else if (required || random(2) === 0) {
			if (where === 'query') {
				query.append(name, text(schema));
			} else {
				headers[name] = text(schema);
			}
		}
	}

	if (spoiled && random(10) === 0) {
		query.append(pick(random, nasty), pick(random, nasty));
	}

	const [type, {schema} = {schema: {}}] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
	let body: string | undefined;
	if (type !== undefined) {
		headers['content-type'] = type;
		body = JSON.stringify(spoil(mapped(valueOf(schema, random), spoil)));
		if (spoiled && random(6) === 0) {
			body = body.slice(0, random(body.length + 1));
		}
	}

	if (path.includes('/uploads') && method !== 'get') {
		// What would make sense is more than the document can say.
		Object.assign(headers, {
			'upload-length': text({type: 'integer', minimum: 0, maximum: 1000}),
			'upload-offset': text({type: 'integer', minimum: 0, maximum: 10}),
			'upload-metadata': metadata(random),
		});
	}

	if (spoiled && random(4) === 0 && method !== 'get' && method !== 'head') {
		headers['content-type'] = pick(random, contentTypes);
		body ??= 'x'.repeat(random(2000));
	}

	const scope = described.security[0]?.token[0];
	return {
		path,
		method: method.toUpperCase(),
		url: query.size > 0 ? `${url}?${query.toString()}` : url,
		// No client can send other ones.
		headers: Object.fromEntries(
			Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\u0020-\u007e]/g, '?')]),
		),
		body,
		needs: scope,
	};
}

function metadata(random: Random): string {
	const base64 = (value: string) => Buffer.from(value).toString('base64');
	const sha256 = random(3) === 0 ? pick(random, nasty) : 'ab'.repeat(32);
	const name = random(3) === 0 ? pick(random, nasty) : 'p.dmupgrade';
	return `filename ${base64(name)},sha256 ${base64(sha256)}`;
}

function valueOf(schema: JsonSchema, random: Random, depth = 0): unknown {
	if (schema.const !== undefined) {
		return schema.const;
	}

	if (schema.enum) {
		return pick(random, schema.enum);
	}

	if (schema.anyOf) {
		return valueOf(pick(random, schema.anyOf), random, depth + 1);
	}

	switch (schema.type) {
		case 'object':
			return Object.fromEntries(
				Object.entries(schema.properties ?? {})
					.filter(([name]) => schema.required?.includes(name) === true || random(2) === 0)
					.map(([name, of]) => [name, valueOf(of, random, depth + 1)]),
			);
		case 'array':
			return Array.from({length: (schema.minItems ?? 0) + random(3)}, () =>
				valueOf(schema.items ?? {}, random, depth + 1),
			);
		case 'integer':
		case 'number': {
			const {minimum = 0, maximum = 1000} = schema;
			return pick(random, [
				minimum,
				maximum,
				minimum + random(Math.max(1, Math.min(1e9, maximum - minimum))),
			]);
		}

		case 'boolean':
			return random(2) === 0;
		case 'null':
			return null;
		default:
			return textOf(schema, random);
	}
}

function textOf({format, pattern, minLength = 1, maxLength = 40}: JsonSchema, random: Random): string {
	if (format === 'uuid') {
		return `00000000-0000-4000-8000-${String(random(1e6)).padStart(12, '0')}`;
	}

	const length = Math.max(minLength, Math.min(maxLength, 1 + random(40)));
	const hex = Array.from({length: 64}, () => random(16).toString(16)).join('');
	const candidates = [
		hex.repeat(Math.ceil(length / 64)).slice(0, length),
		hex,
		String(random(1000)),
		'2026-01-01 10:00:00',
		'ABC',
	];
	return candidates.find(each => pattern === undefined || new RegExp(pattern, 'u').test(each)) ?? hex;
}

function other(value: unknown, random: Random): unknown {
	if (typeof value === 'number' && random(2) === 0) {
		return pick(random, [-value - 1, value + 0.5, value * 1e6, String(value)]);
	}

	return random(2) === 0 ? pick(random, nasty) : pick(random, odd);
}

/** Every part of a value, changed or not. */
function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(each => change(mapped(each, change)));
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, each]) => [name, change(mapped(each, change))]),
		);
	}

	return value;
}

function wellFormed(text: string): string {
	return text.toWellFormed().slice(0, 2000);
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
	const value = values[random(values.length)];
	if (value === undefined && values.length === 0) {
		throw new Error('there is nothing to choose from');
	}

	return value as Value;
}
