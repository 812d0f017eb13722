import {Document, type Node, isMap, isSeq} from 'yaml';
import {visibleText} from '../domain/text.ts';
import {type Inventory, type InventoryAgent, serviceSchema} from './inventory.ts';

export interface ClusterRemarks {
	/** Lines above the cluster. */
	readonly above?: readonly string[];
	/** Lines above its Agents, by name. */
	readonly agents?: ReadonlyMap<string, readonly string[]>;
}

const shared = ['user', 'port', 'identityFile', 'tokenFile'] as const;

/** A cluster as it stands below `clusters:`, from the first column on. What all its Agents share is said once. */
export function clusterEntry(inventory: Inventory, remarks: ClusterRemarks = {}): string {
	const {cluster, speed, sshConfig, packages, launch, agents} = inventory;
	const common = commonAccess(agents);
	const content = {
		[cluster]: {
			...common,
			...(sshConfig !== undefined && {sshConfig}),
			...(packages !== undefined && {packages}),
			...(launch !== undefined && {launch}),
			...(speed !== 1 && {speed}),
			agents: agents.map(agent => withoutCommon(agent, common)),
		},
	};
	const document = new Document(content, {aliasDuplicateObjects: false});
	const list = document.getIn([cluster, 'agents']);
	for (const [index, {name}] of agents.entries()) {
		remark(isSeq(list) ? list.items[index] : undefined, remarks.agents?.get(name));
	}

	const {contents} = document;
	remark(isMap(contents) ? contents.items[0]?.key : undefined, remarks.above);
	return document.toString({
		lineWidth: 0,
		// Each value stays on its line, so that the entry can be moved to the right.
		blockQuote: false,
		doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
	});
}

/** A file with these clusters. */
export function clusterFileText(clusters: readonly Inventory[]): string {
	return `clusters:\n${clusters.map(cluster => indented(clusterEntry(cluster), 2)).join('')}`;
}

export function indented(text: string, columns: number): string {
	return text
		.split('\n')
		.map(line => (line === '' ? '' : ' '.repeat(columns) + line))
		.join('\n');
}

function commonAccess(agents: readonly InventoryAgent[]): Partial<InventoryAgent> {
	const [first] = agents;
	return Object.fromEntries(
		shared
			.filter(key => first?.[key] !== undefined && agents.every(agent => agent[key] === first[key]))
			.map(key => [key, first?.[key]]),
	);
}

function withoutCommon(agent: InventoryAgent, common: Partial<InventoryAgent>): Record<string, unknown> {
	const {service, ...rest} = agent;
	return Object.fromEntries(
		Object.entries({...rest, service: service && withoutDefaults(service)}).filter(
			([key, value]) => value !== undefined && !Object.hasOwn(common, key),
		),
	);
}

function withoutDefaults(service: NonNullable<InventoryAgent['service']>): Record<string, unknown> {
	const defaults: Record<string, unknown> = serviceSchema.parse({});
	return Object.fromEntries(
		Object.entries(service).filter(([key, value]) => value !== undefined && value !== defaults[key]),
	);
}

function remark(node: unknown, lines: readonly string[] = []): void {
	if (typeof node === 'object' && node !== null && lines.length > 0) {
		(node as Node).commentBefore = lines.map(line => ` ${visibleText(line, 300)}`).join('\n');
	}
}
