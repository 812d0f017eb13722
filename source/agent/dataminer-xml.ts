import {visibleText} from '../domain/text.ts';
import {attributeOf, childElements, parseAgentXml, textOf} from './agent-xml.ts';

export interface DataMinerXml {
	/** The DataMiner ID. */
	readonly id?: number;
	/** Present when the Agent does not bear its host's name. */
	readonly customName?: string;
}

/**
 * Reads `DataMiner.xml`. Undefined where the text is no such file.
 * Source: SchemaDataMiner.md, Changing_the_name_of_a_DMA.md
 */
export function parseDataMinerXml(text: string): DataMinerXml | undefined {
	const root = parseAgentXml(text, 'DataMiner');
	if (!root) {
		return undefined;
	}

	const id = attributeOf(root, 'id')?.trim() ?? '';
	const name = childElements(root, 'DMA')
		.flatMap(agent => childElements(agent, 'DMAName'))
		.filter(element => attributeOf(element, 'mode')?.toLowerCase() === 'manual')
		.map(element => textOf(element)?.trim() ?? '')
		.find(text => text !== '');
	return {
		...(/^\d{1,9}$/.test(id) && {id: Number(id)}),
		...(name !== undefined && {customName: visibleText(name, 100)}),
	};
}
