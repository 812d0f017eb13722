import {meetLineFaults} from '../line-faults.ts';
import type {Program} from './program.ts';
import {asksForAllServices, printAllServices} from './service-list.ts';

const stateNames = {1: 'STOPPED', 2: 'START_PENDING', 3: 'STOP_PENDING', 4: 'RUNNING'} as const;
const noSuchService = 1060;

/** `sc.exe query|queryex <service>`, and `sc.exe query type= service state= all`. */
export const sc: Program = async run => {
	const {agent, args, print} = run;
	if (asksForAllServices(args)) {
		printAllServices(run);
		return 0;
	}

	const [verb, name] = args;
	const extended = verb?.toLowerCase() === 'queryex';
	if ((!extended && verb?.toLowerCase() !== 'query') || name === undefined) {
		print(
			'DESCRIPTION:\r\n        SC is a command line program used for communicating with the\r\n        Service Control Manager and services.',
		);
		return 1639;
	}

	if (agent.upgrading === undefined) {
		meetLineFaults(agent, agent.upgraded ? 'verification' : 'readiness');
	}

	const service = agent.services.find(name);
	if (!service) {
		print(
			`[SC] EnumQueryServicesStatus:OpenService FAILED ${noSuchService}:\r\n\r\n` +
				'The specified service does not exist as an installed service.\r\n',
		);
		return noSuchService;
	}

	const running = service.state === 4;
	const accepts = running
		? 'STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN'
		: 'NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN';
	print('');
	print(`SERVICE_NAME: ${service.name} `);
	print('        TYPE               : 10  WIN32_OWN_PROCESS  ');
	print(`        STATE              : ${service.state}  ${stateNames[service.state]} `);
	print(`                                (${accepts})`);
	print('        WIN32_EXIT_CODE    : 0  (0x0)');
	print('        SERVICE_EXIT_CODE  : 0  (0x0)');
	print('        CHECKPOINT         : 0x0');
	print('        WAIT_HINT          : 0x0');
	if (extended) {
		print(`        PID                : ${service.processId}`);
		print('        FLAGS              : ');
	}

	return Promise.resolve(0);
};
