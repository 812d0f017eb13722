/** Every flag of the command line: parsing, refusing and the first paint read this. */
export const flags = {
	lab: {type: 'string'},
	json: {type: 'boolean'},
	yes: {type: 'boolean'},
	plan: {type: 'boolean'},
	detach: {type: 'boolean'},
	takeOverLock: {type: 'boolean'},
	begin: {type: 'boolean'},
	answersOnStdin: {type: 'boolean'},
	config: {type: 'string'},
	cluster: {type: 'string'},
	discover: {type: 'string'},
	discoverWeb: {type: 'string'},
	tokenFile: {type: 'string'},
	write: {type: 'string'},
	identityFile: {type: 'string'},
	hostKey: {type: 'string'},
	acceptNewHostKeys: {type: 'boolean'},
	verify: {type: 'boolean'},
	prerequisites: {type: 'boolean'},
	software: {type: 'string'},
	http: {type: 'string'},
	webApi: {type: 'string'},
	agent: {type: 'string', isMultiple: true},
	option: {type: 'string', isMultiple: true},
	failoverPolicy: {type: 'string'},
	launch: {type: 'string'},
	bandwidth: {type: 'string'},
	fault: {type: 'string', isMultiple: true},
	ascii: {type: 'boolean'},
	agents: {type: 'string'},
	pairs: {type: 'string'},
	port: {type: 'string'},
	speed: {type: 'string'},
	untilStdinCloses: {type: 'boolean'},
	linger: {type: 'string'},
	host: {type: 'string'},
	certificate: {type: 'string'},
	key: {type: 'string'},
	plainHttp: {type: 'boolean'},
	folder: {type: 'string'},
	log: {type: 'string'},
	practice: {type: 'string'},
	failover: {type: 'boolean'},
	switchOver: {type: 'string', isMultiple: true},
	name: {type: 'string'},
	scope: {type: 'string'},
	expires: {type: 'string'},
	help: {type: 'boolean', shortFlag: 'h'},
	version: {type: 'boolean', shortFlag: 'V'},
} as const;

/** How many Agents `--lab` has when it does not say. */
export const defaultLabAgents = 5;

function kebab(name: string): string {
	return name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

const takingValue: ReadonlySet<string> = new Set(
	Object.entries(flags).flatMap(([name, {type}]) =>
		type === 'string' && name !== 'lab' ? [`--${kebab(name)}`] : [],
	),
);

export const flagNames: readonly string[] = Object.keys(flags);

/** The arguments that are neither flags nor values of flags. `--lab` takes its value with `=` only. */
export function positionals(argv: readonly string[]): readonly string[] {
	return argv.filter((argument, index) => {
		const before = argv[index - 1];
		return !argument.startsWith('-') && !(before !== undefined && takingValue.has(before));
	});
}

export function hasFlag(argv: readonly string[], name: keyof typeof flags): boolean {
	return argv.some(argument => argument === `--${kebab(name)}` || argument.startsWith(`--${kebab(name)}=`));
}
