import {XMLParser} from 'fast-xml-parser';
import * as z from 'zod';

const longestXml = 1024 * 1024;

const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: '@',
	textNodeName: '#text',
	removeNSPrefix: true,
	parseTagValue: false,
	parseAttributeValue: false,
	maxNestedTags: 50,
});

/** An element as the parser gives it: attributes with `@` before their names, elements by name, `#text`. */
export type XmlElement = Readonly<Record<string, unknown>>;

const element = z.record(z.string(), z.unknown());

/**
 * Reads a configuration file of DataMiner: the element `root`, or undefined where the text is no such file. A document
 * type is refused, since DataMiner writes none and entities are the way to harm a reader.
 */
export function parseAgentXml(text: string, root: string): XmlElement | undefined {
	if (text.length > longestXml || /<!(?:DOCTYPE|ENTITY)/i.test(text)) {
		return undefined;
	}

	try {
		const document = element.safeParse(parser.parse(text));
		return document.success ? childElements(document.data, root)[0] : undefined;
	} catch {
		// Whatever made the parser give up, it is not the file that we know how to read.
		return undefined;
	}
}

/** The elements of that name, in document order. One without attributes and children is `{'#text': …}`. */
export function childElements(parent: XmlElement, name: string): readonly XmlElement[] {
	const found = Object.hasOwn(parent, name) ? parent[name] : [];
	return (Array.isArray(found) ? found : [found]).flatMap((child: unknown): XmlElement[] => {
		if (typeof child === 'string') {
			return [{'#text': child}];
		}

		const parsed = element.safeParse(child);
		return parsed.success ? [parsed.data] : [];
	});
}

export function attributeOf(parent: XmlElement, name: string): string | undefined {
	return textAt(parent, `@${name}`);
}

export function textOf(parent: XmlElement): string | undefined {
	return textAt(parent, '#text');
}

function textAt(parent: XmlElement, key: string): string | undefined {
	const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
	return typeof value === 'string' ? value : undefined;
}

const replacements: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&apos;',
};

/** For text and attributes of the XML that we write. Characters that XML 1.0 cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
	return text
		.toWellFormed()
		.replaceAll(/[&<>"']/g, character => replacements[character] ?? character)
		.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
}
