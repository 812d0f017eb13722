import type {Program} from './program.ts';

/** `chcp.com`: tells the code page of the console. */
export const chcp: Program = ({agent, args, print, complain}) => {
	if (args.length > 0) {
		complain("The practice cluster's chcp.com only tells the code page.");
		return Promise.resolve(1);
	}

	print(`Active code page: ${agent.software.codePage}`);
	return Promise.resolve(0);
};
