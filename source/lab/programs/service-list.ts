import type {ProgramRun} from './program.ts';

const stateNames = {1: 'STOPPED', 2: 'START_PENDING', 3: 'STOP_PENDING', 4: 'RUNNING'} as const;

/** Whether `sc.exe` was called as `sc.exe query type= service state= all`. */
export function asksForAllServices(args: readonly string[]): boolean {
	return args.join(' ').toLowerCase() === 'query type= service state= all';
}

export function printAllServices({agent, print}: ProgramRun): void {
	for (const {name, state} of agent.services.all) {
		print('');
		print(`SERVICE_NAME: ${name}`);
		print(`DISPLAY_NAME: ${name}`);
		print('        TYPE               : 10  WIN32_OWN_PROCESS  ');
		print(`        STATE              : ${state}  ${stateNames[state]} `);
		if (state === 4) {
			print('                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)');
		}

		print('        WIN32_EXIT_CODE    : 0  (0x0)');
		print('        SERVICE_EXIT_CODE  : 0  (0x0)');
		print('        CHECKPOINT         : 0x0');
		print('        WAIT_HINT          : 0x0');
	}
}
