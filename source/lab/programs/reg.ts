import {findRegistryKey} from '../registry.ts';
import type {Program} from './program.ts';

/** `reg.exe query <key> [/reg:64|/reg:32]`: the values of a key and the names of the keys below it. */
export const reg: Program = async ({agent, args, print, complain}) => {
	const [verb, path, view = '/reg:64'] = args;
	if (verb?.toLowerCase() !== 'query' || path === undefined || !/^\/reg:(?:64|32)$/i.test(view)) {
		complain('ERROR: Invalid syntax.');
		complain('Type "REG QUERY /?" for usage.');
		return 1;
	}

	const key = findRegistryKey(path, view.endsWith('32') ? '32' : '64', agent.computerName, agent.software);
	if (!key) {
		complain('ERROR: The system was unable to find the specified registry key or value.');
		return 1;
	}

	print('');
	if (key.values.length > 0) {
		print(key.path);
		for (const {name, type, data} of key.values) {
			print(`    ${name}    ${type}    ${data}`);
		}

		print('');
	}

	for (const name of key.keys) {
		print(`${key.path}\\${name}`);
	}

	return Promise.resolve(0);
};
