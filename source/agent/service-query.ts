/** The states of a Windows service by their numbers in the output of `sc.exe`. */
export type ServiceState = 'stopped' | 'starting' | 'stopping' | 'running' | 'other';

export interface ServiceFacts {
	readonly state: ServiceState;
	/** Undefined while it does not run. */
	readonly processId?: number;
}

/** `ERROR_SERVICE_DOES_NOT_EXIST`: the exit code of `sc.exe` for a service that is not installed. */
export const noSuchService = 1060;

const states: Readonly<Record<number, ServiceState>> = {
	1: 'stopped',
	2: 'starting',
	3: 'stopping',
	4: 'running',
};

// The values of `sc.exe queryex` in their order; labels are in the language of Windows.
const stateIndex = 1;
const processIndex = 6;

/** Reads the output of `sc.exe queryex`; undefined where it is something else. */
export function parseServiceQuery(output: string): ServiceFacts | undefined {
	const values = output
		.split(/\r?\n/)
		// The service's name stands at the margin, its values are indented.
		.map(line => /^\s+[^:]{1,60}:\s*(?<value>(?:0x)?[0-9a-f]{1,10})\b/i.exec(line)?.groups?.['value'])
		.filter(value => value !== undefined);
	const state = Number(values[stateIndex]);
	if (!/^[1-7]$/.test(values[stateIndex] ?? '')) {
		return undefined;
	}

	const processId = Number(values[processIndex]);
	return {
		state: states[state] ?? 'other',
		...(Number.isInteger(processId) && processId > 0 && {processId}),
	};
}
