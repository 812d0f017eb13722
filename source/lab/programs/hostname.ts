import type {Program} from './program.ts';

/** `hostname.exe`. */
export const hostname: Program = async ({agent, print}) => {
	print(agent.computerName);
	return Promise.resolve(0);
};
