import {parseVersion} from '../../domain/version.ts';
import {meetLineFaults} from '../line-faults.ts';
import type {TestResult} from '../prerequisite-test.ts';
import {runTest} from '../prerequisite-test.ts';
import type {Program, ProgramRun} from './program.ts';

interface Request {
	readonly resultFile: string | undefined;
	readonly tests: readonly string[];
}

/** `StandaloneBpaExecutor.exe -f <result.json> --<path of dll>…`. Source: Standalone_BPA_Executor.md */
export const bpaExecutor: Program = async run => {
	const request = readRequest(run);
	if (!request || request.tests.length === 0) {
		run.print(
			'Usage: StandaloneBpaExecutor [-u user] [-p password] [-f result.json] [-h] --"path of a test"…',
		);
		return request ? 0 : exitCode(run, 1);
	}

	const results: TestResult[] = [];
	for (const test of request.tests) {
		if (!(await run.agent.drive.hasFile(test))) {
			run.complain(`The test ${test} could not be found.`);
			return exitCode(run, 1);
		}

		const result = await runTest(run.agent, await run.agent.drive.resolve(test), run.signal);
		run.print(`${result.check}: ${result.outcome}. ${result.message}`);
		results.push(result);
		meetLineFaults(run.agent, 'prerequisites');
	}

	if (request.resultFile !== undefined) {
		const entries = results.map(({check, outcome, message}) => ({
			TestName: check,
			Outcome: outcome,
			ResultMessage: message,
			Timestamp: run.agent.clock.now().toISOString(),
		}));
		await run.agent.drive.writeFile(request.resultFile, `${JSON.stringify(entries, null, 2)}\r\n`);
	}

	const outcomes = new Set(results.map(result => result.outcome));
	return exitCode(run, outcomes.has('Error') ? 1 : outcomes.has('IssuesDetected') ? 2 : 0);
};

/** Undefined for arguments that it does not know; no tests when it was asked for help. */
function readRequest({args}: ProgramRun): Request | undefined {
	const tests: string[] = [];
	let resultFile: string | undefined;
	for (let index = 0; index < args.length; index += 1) {
		const arg = args[index] ?? '';
		if (arg.startsWith('--')) {
			tests.push(arg.slice(2));
		} else if (arg === '-f') {
			index += 1;
			resultFile = args[index];
		} else if (arg === '-u' || arg === '-p') {
			index += 1;
		} else if (arg === '-h') {
			return {resultFile: undefined, tests: []};
		} else {
			return undefined;
		}
	}

	return tests.length > 0 ? {resultFile, tests} : undefined;
}

/** Exit codes tell something from 10.6.7/10.7.0 on. Source: Standalone_BPA_Executor.md */
function exitCode({agent}: ProgramRun, code: number): number {
	const version = parseVersion(agent.version);
	const telling =
		version !== undefined &&
		(version.major > 10 ||
			(version.major === 10 && (version.minor > 6 || (version.minor === 6 && version.month >= 7))));
	return telling ? code : 0;
}
