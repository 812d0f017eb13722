import * as z from 'zod';
import {visibleText} from '../../../domain/text.ts';

/*
 * What DataMiner answers over HTTP, as far as it is understood. The names and types of what is asked for are documented;
 * how it is wrapped is not: that a result stands below `d` and a failure below `Message` is how ASP.NET does it. Neither
 * is the shape of what APIGateway tells. Whatever is missing or odd is taken for unknown.
 */

/** An entry of the cluster, as one Agent of it tells. Source: DMAInfo.md */
export interface ListedAgent {
	readonly dataMinerId: number;
	/** May be empty. */
	readonly name: string;
	/** May be empty. Undocumented for a Failover pair: the virtual address, or that of the Agent that is online. */
	readonly primaryAddress: string;
	/** May be empty. */
	readonly cluster: string;
	/** `Running`, `Disconnected`, `Starting`, `Switching` or `Unknown`. */
	readonly status: string;
	/** Whether it is of a Failover pair; undefined where that is not told. */
	readonly failover: boolean | undefined;
}

export interface ListedCluster {
	readonly agents: readonly ListedAgent[];
	/** How many entries could not be understood. */
	readonly unread: number;
}

/** No DataMiner System comes near this many Agents. */
const mostAgents = 1000;

const textOf = (most: number) =>
	z
		.string()
		.max(most)
		.nullish()
		.transform(text => visibleText(text ?? '', most).trim());

const listedAgent = z
	.object({
		ID: z.int().min(0),
		Name: textOf(300),
		PrimaryIP: textOf(253),
		Cluster: textOf(300),
		Status: z.union([z.string().max(100), z.number()]).nullish(),
		IsFailOver: z.boolean().nullish(),
	})
	.transform(({ID, Name, PrimaryIP, Cluster, Status, IsFailOver}): ListedAgent => ({
		dataMinerId: ID,
		name: Name,
		primaryAddress: PrimaryIP,
		cluster: Cluster,
		status: visibleText(String(Status ?? 'Unknown'), 40),
		failover: IsFailOver ?? undefined,
	}));

/** The result of `GetDataMinerAgentsInfo`. */
export const listedCluster = z
	.array(z.unknown())
	.max(mostAgents)
	.transform((entries): ListedCluster => {
		const agents = entries.flatMap(entry => listedAgent.safeParse(entry).data ?? []);
		return {agents, unread: entries.length - agents.length};
	});

/** The result of `ConnectApp`: good for the calls that follow. */
export const connectionId = z.string().min(1).max(200);

const wrapped = z.object({d: z.unknown()});
const failure = z.object({Message: z.string()});

/** What a call resulted in, out of what it is wrapped in. */
export function resultIn(text: string): unknown {
	const value = parsed(text);
	const {data} = wrapped.safeParse(value);
	return data ? data.d : value;
}

/** In DataMiner's own words, which are not made safe for a terminal yet. */
export function failureIn(text: string): string | undefined {
	return failure.safeParse(parsed(text)).data?.Message;
}

const modules = z.array(z.object({Name: z.string(), Version: z.string().nullish()}));

/**
 * Which version of SLNet APIGateway names; undefined where it names none, which it did for a while after SLNet was
 * replaced (RN 45051). Source: DataMiner_Extension_Modules.md
 */
export function slNetVersionIn(text: string): string | undefined {
	const known = modules.safeParse(parsed(text)).data;
	const version = known?.find(({Name}) => Name.toLowerCase() === 'slnet')?.Version;
	return typeof version === 'string' && version !== '' ? visibleText(version, 60) : undefined;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
