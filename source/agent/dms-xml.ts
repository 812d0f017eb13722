import {visibleText} from '../domain/text.ts';
import {type XmlElement, attributeOf, childElements, parseAgentXml} from './agent-xml.ts';

export interface DmsXml {
	readonly clusterName?: string;
	/** In the order of the file, each once. */
	readonly members: readonly string[];
	/** DataMiner IDs by address, of the members that have one there. */
	readonly memberIds: ReadonlyMap<string, number>;
	/** The address of the Agent that the file is from, where the file tells: its timestamp is empty, and no other is. */
	readonly ownAddress?: string;
	/**
	 * Present on an Agent of a Failover pair: the members that its `Failover` tag has something to do with. How that
	 * tag is made is undocumented; any attribute or text in it that is the address of another member counts.
	 */
	readonly failoverWith?: readonly string[];
}

/** No DataMiner System comes near this many Agents. */
const mostMembers = 1000;

/**
 * Reads `DMS.xml`: the cluster's name and the addresses of its Agents. Only `ip` is relied upon for who belongs to it,
 * since the other attributes differ between the documented samples. Undefined where the text is no such file.
 * Source: DMS_xml.md
 */
export function parseDmsXml(text: string): DmsXml | undefined {
	const root = parseAgentXml(text, 'DMS');
	if (!root) {
		return undefined;
	}

	const name = childElements(root, 'Cluster')
		.map(cluster => attributeOf(cluster, 'name'))
		.find(value => value !== undefined && value !== '');
	const entries = childElements(root, 'DMA')
		.map(entry => ({entry, address: attributeOf(entry, 'ip')?.trim() ?? ''}))
		.filter(({address}) => /^[\w.:%][\w.:%-]{0,252}$/.test(address))
		.slice(0, mostMembers);
	const members = [...new Set(entries.map(({address}) => address))];
	const own = new Set(
		entries.filter(({entry}) => attributeOf(entry, 'timestamp') === '').map(({address}) => address),
	);
	const [ownAddress] = own;
	const [failover] = childElements(root, 'Failover');
	return {
		...(name !== undefined && {clusterName: visibleText(name, 100)}),
		members,
		memberIds: new Map(
			entries.flatMap(({entry, address}): [string, number][] => {
				const id = attributeOf(entry, 'id')?.trim() ?? '';
				return /^\d{1,9}$/.test(id) ? [[address, Number(id)]] : [];
			}),
		),
		...(own.size === 1 && ownAddress !== undefined && {ownAddress}),
		...(failover && {failoverWith: membersIn(failover, members, ownAddress)}),
	};
}

function membersIn(
	element: XmlElement,
	members: readonly string[],
	own: string | undefined,
): readonly string[] {
	const texts = new Set<string>();
	collectTexts(element, texts);
	return members.filter(member => member !== own && texts.has(member));
}

/** The parser bounds how deep elements are nested. */
function collectTexts(value: unknown, texts: Set<string>): void {
	if (typeof value === 'string') {
		texts.add(value.trim());
	} else if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) {
			collectTexts(inner, texts);
		}
	}
}
