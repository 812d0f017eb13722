import {XMLParser} from 'fast-xml-parser';
import * as z from 'zod';

const text = z.string().max(2000).optional().catch(undefined);
const appInfoSchema = z.object({
	AppInfo: z.object({Name: text, DisplayName: text, Version: text, Description: text}),
});

/**
 * One line that says which application it is; undefined where the file does not say. Source:
 * ApplicationPackageStructure.md
 */
export function describeAppInfo(xml: string): string | undefined {
	let document: unknown;
	try {
		document = new XMLParser({processEntities: false, parseTagValue: false}).parse(xml);
	} catch {
		return undefined;
	}

	const parsed = appInfoSchema.safeParse(document);
	if (!parsed.success) {
		return undefined;
	}

	const {Name, DisplayName, Version, Description} = parsed.data.AppInfo;
	const title = [DisplayName ?? Name, Version].filter(Boolean).join(' ');
	return [title, Description].filter(Boolean).join(': ') || undefined;
}
