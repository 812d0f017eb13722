import type {Program} from './program.ts';

/** `C:\Lab\SwitchOver.exe`: the Agent on which it runs comes online. The lab's own; DataMiner documents none. */
export const switchOver: Program = async ({agent, print, complain}) => {
	if (!agent.failover) {
		complain(`${agent.name} is not part of a Failover pair.`);
		return 1;
	}

	const problem = await agent.failover.switchOver();
	if (problem !== undefined) {
		complain(problem);
		return 1;
	}

	print(`${agent.name} is online.`);
	return 0;
};
