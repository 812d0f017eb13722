import type {ServiceStanding} from '../domain/agent-survey.ts';
import {visibleText} from '../domain/text.ts';

const longestOutput = 2 * 1024 * 1024;
const mostServices = 3000;
/** `SERVICE_RUNNING`. Whatever is about to start or stop does not run. */
const running = 4;

/**
 * Reads the output of `sc.exe query type= service state= all`: for each service two lines at the margin, its name and the
 * name it is shown under, and its type and state, indented. The labels are in the language of Windows. Undefined where
 * it is something else.
 */
export function parseServiceList(output: string): readonly ServiceStanding[] | undefined {
	const services: ServiceStanding[] = [];
	let names: string[] = [];
	let values: number[] = [];
	const finish = () => {
		const [name, displayName = name] = names;
		const [, state] = values;
		if (name !== undefined && displayName !== undefined && state !== undefined) {
			services.push({name, displayName, running: state === running});
		}

		names = [];
		values = [];
	};

	for (const line of output.slice(0, longestOutput).split(/\r?\n/)) {
		const margin = /^[^\s:][^:]{0,60}: (?<name>.{1,300}?)\s*$/.exec(line)?.groups?.['name'];
		const value = /^\s+[^:]{1,60}: (?<number>[0-9a-f]{1,4})\b/i.exec(line)?.groups?.['number'];
		if (margin !== undefined) {
			// A name after values begins the next service.
			if (values.length > 0 || names.length === 2) {
				finish();
			}

			names.push(visibleText(margin, 300));
		} else if (value !== undefined) {
			values.push(Number(value));
		}

		if (services.length >= mostServices) {
			break;
		}
	}

	finish();
	return services.length === 0 ? undefined : services.slice(0, mostServices);
}
