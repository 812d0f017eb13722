import type {Program} from './program.ts';

const gigabyte = 1024 ** 3;
const capacity = 512 * gigabyte;
/** Windows, DataMiner and its data, which the lab's folder does not hold. */
const otherwiseUsed = 327 * gigabyte;
/** Less than the packages of the lab need. */
const almostNothing = 20 * 1024 ** 2;

/** `fsutil.exe volume diskfree C:`. */
export const fsutil: Program = async ({agent, args, print}) => {
	const [area, verb, volume] = args.map(arg => arg.toLowerCase());
	if (area !== 'volume' || verb !== 'diskfree' || volume === undefined) {
		print('---- Commands Supported ----\r\n\r\nvolume          Volume management');
		return 1;
	}

	if (!/^c:\\?$/.test(volume)) {
		print('Error:  The system cannot find the path specified.');
		return 1;
	}

	const left = capacity - otherwiseUsed - (await agent.drive.usedBytes());
	const free = agent.faults.active('disk-almost-full', agent.name) ? Math.min(left, almostNothing) : left;
	print(`Total free bytes                : ${sized(free)}`);
	print(`Total bytes                     : ${sized(capacity)}`);
	print(`Total quota free bytes          : ${sized(free)}`);
	return 0;
};

function sized(bytes: number): string {
	return `${bytes.toLocaleString('en-US').padStart(15)} (${(bytes / gigabyte).toFixed(1).padStart(5)} GB)`;
}
