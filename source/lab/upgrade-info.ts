import {XMLParser} from 'fast-xml-parser';
import {isFailoverPolicy} from '../domain/failover-policy.ts';
import type {FailoverPolicy} from '../domain/failover-policy.ts';
import {defaultUpgradeOptions, upgradeOptionInfos} from '../domain/upgrade-options.ts';
import type {UpgradeOptionName, UpgradeOptions} from '../domain/upgrade-options.ts';

/** What `UpgradeInfo.xml` asks for. Source: Taskbar_Utility_command_line_options.md */
export interface UpgradeInfo {
	/** Addresses, or `localhost`. */
	readonly agents: readonly string[];
	readonly isCluster: boolean;
	readonly options: UpgradeOptions;
	readonly policy: FailoverPolicy;
}

/** Without the file only the local Agent is upgraded, with default options. */
export const localUpgrade: UpgradeInfo = {
	agents: ['localhost'],
	isCluster: false,
	options: defaultUpgradeOptions,
	policy: 'UseDefault',
};

const parser = new XMLParser({ignoreAttributes: true, parseTagValue: false, processEntities: false});

/** Undefined where the text is no such file, or names something that does not exist. */
export function parseUpgradeInfo(text: string): UpgradeInfo | undefined {
	const info = branch(parse(text), 'UpgradeInfo');
	const agents = listed(branch(info, 'Agents')?.['IP']);
	const policy = info?.['FailoverPolicy'] ?? 'UseDefault';
	const isCluster = truth(info?.['IsCluster'] ?? 'false');
	const options: Record<UpgradeOptionName, boolean> = {...defaultUpgradeOptions};
	for (const {name} of upgradeOptionInfos) {
		const value = truth(info?.[name] ?? String(defaultUpgradeOptions[name]));
		if (value === undefined) {
			return undefined;
		}

		options[name] = value;
	}

	if (
		agents.length === 0 ||
		isCluster === undefined ||
		typeof policy !== 'string' ||
		!isFailoverPolicy(policy)
	) {
		return undefined;
	}

	return {agents, isCluster, options, policy};
}

function parse(text: string): unknown {
	try {
		return parser.parse(text) as unknown;
	} catch {
		// A text that is no XML asks for nothing.
		return undefined;
	}
}

function branch(node: unknown, name: string): Record<string, unknown> | undefined {
	const found =
		typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined;
	return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : undefined;
}

function listed(value: unknown): readonly string[] {
	const items: readonly unknown[] = Array.isArray(value) ? value : [value];
	return items.filter(item => typeof item === 'string').filter(item => item !== '');
}

function truth(value: unknown): boolean | undefined {
	return value === 'true' ? true : value === 'false' ? false : undefined;
}
