import {visibleText} from '../domain/text.ts';
import {attributeOf, childElements, parseAgentXml} from './agent-xml.ts';

export interface DmsXml {
	readonly clusterName?: string;
	/** In the order of the file, each once. */
	readonly members: readonly string[];
}

/** No DataMiner System comes near this many Agents. */
const mostMembers = 1000;

/**
 * Reads `DMS.xml`: the cluster's name and the addresses of its Agents. Only `ip` is relied upon, since the other
 * attributes differ between the documented samples. Undefined where the text is no such file. Source: DMS_xml.md
 */
export function parseDmsXml(text: string): DmsXml | undefined {
	const root = parseAgentXml(text, 'DMS');
	if (!root) {
		return undefined;
	}

	const name = childElements(root, 'Cluster')
		.map(cluster => attributeOf(cluster, 'name'))
		.find(value => value !== undefined && value !== '');
	const members = childElements(root, 'DMA')
		.map(agent => attributeOf(agent, 'ip')?.trim() ?? '')
		.filter(address => /^[\w.:%-]{1,253}$/.test(address))
		.slice(0, mostMembers);
	return {...(name !== undefined && {clusterName: visibleText(name, 100)}), members: [...new Set(members)]};
}
