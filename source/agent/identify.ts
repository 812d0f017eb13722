import type {AgentIdentity} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentContext} from './agent-context.ts';
import {parseDataMinerXml} from './dataminer-xml.ts';
import {parseDmsXml} from './dms-xml.ts';
import {decodeText} from './file-text.ts';

/** Who this Agent is, by `DataMiner.xml` and `DMS.xml`. */
export async function identifyAgent(context: AgentContext, signal?: AbortSignal): Promise<AgentIdentity> {
	const {machine, paths} = context;
	const options = signal ? {signal} : {};
	const [own, dms] = await Promise.all([
		machine.readFile(paths.dataMinerXml, options),
		machine.readFile(paths.dmsXml, options),
	]);
	const dataMiner = own && parseDataMinerXml(decodeText(own));
	const system = dms && parseDmsXml(decodeText(dms));
	return {
		...(dataMiner?.id !== undefined && {dataMinerId: dataMiner.id}),
		name: dataMiner?.customName ?? (await hostName(context, signal)) ?? context.agent,
		...(system ?? {members: []}),
	};
}

/** An Agent without a custom name bears its host's. Source: Changing_the_name_of_a_DMA.md */
export async function hostName(
	{machine, settings}: AgentContext,
	signal?: AbortSignal,
): Promise<string | undefined> {
	const {exitCode, stdout} = await machine.run(
		{program: 'hostname.exe', args: []},
		{timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})},
	);
	const name = stdout.trim();
	return exitCode === 0 && /^[^\s]{1,255}$/.test(name) ? visibleText(name, 100) : undefined;
}
