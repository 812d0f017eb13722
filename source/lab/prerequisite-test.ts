import {readFile, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {OpenPackage} from '../package/open-package.ts';
import {parseLabTest} from './lab-test.ts';
import type {LabTest} from './lab-test.ts';
import type {ProgressLog} from './progress-log.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** How long one test takes, in seconds of real life. */
const testSeconds = 6;

export interface TestResult extends LabTest {
	/** The test's name, without `.dll`. */
	readonly check: string;
}

/** Runs one test DLL, given by its real path, on an Agent. */
export async function runTest(agent: SimulatedAgent, file: string, signal: AbortSignal): Promise<TestResult> {
	const check = path.basename(file).replace(/\.dll$/i, '');
	await agent.time.pass(testSeconds, signal);
	const result = (await fails(agent, file)) ? portsBlocked(agent) : await ownResult(file);
	agent.events.note(agent.name, 'prerequisite-run', {check, outcome: result.outcome});
	return {check, ...result};
}

/**
 * Runs all tests of a package before it is carried out; true when every one passed. `folder` is the real folder of
 * the upgrade. Source: Preparing_to_upgrade_a_DataMiner_Agent.md
 */
export async function verifyPrerequisites(
	agent: SimulatedAgent,
	opened: OpenPackage,
	folder: string,
	log: ProgressLog,
	signal: AbortSignal,
): Promise<boolean> {
	await log.write('step', 'Verifying prerequisites...');
	if (opened.facts.prerequisites.length === 0) {
		return true;
	}

	if (!opened.facts.executor) {
		await log.write('error', 'Failed to verify prerequisites: the BPA executor could not be found');
		return false;
	}

	const tests = path.join(folder, 'Prerequisites');
	await opened.extractPrerequisites(tests);
	const failed: TestResult[] = [];
	for (const name of (await readdir(tests)).filter(entry => /\.dll$/i.test(entry)).sort()) {
		const result = await runTest(agent, path.join(tests, name), signal);
		// Source: Verify_Elastic_Storage_Type.md
		await writeFile(path.join(folder, `PreRequisite-Result-${name}.json`), JSON.stringify(result, null, 2));
		await log.write('information', `Prerequisite ${name}: ${result.message}`);
		if (result.outcome !== 'NoIssues') {
			failed.push(result);
		}
	}

	await rm(tests, {recursive: true, force: true});
	if (failed.length > 0) {
		// Source: KI_Prerequisites_fail_when_upgrading_from_10.4.0-to-10.5.3-CU3.md
		await log.write('error', `DataMiner Agent: ${failed.length + 1} error(s) and 0 notice(s)`);
		for (const {check, message} of failed) {
			await log.write('error', `    - Prerequisite ${check}.dll failed: ${message}`);
		}

		await log.write('error', '- One or more prerequisites failed');
	}

	return failed.length === 0;
}

async function ownResult(file: string): Promise<LabTest> {
	const test = parseLabTest(await readFile(file, 'utf8'));
	return (
		test ?? {
			outcome: 'Error',
			message: `Could not load file or assembly '${path.basename(file)}' or one of its dependencies.`,
		}
	);
}

/** The fault hits the test of the ports; in a package without it, the first one. */
async function fails(agent: SimulatedAgent, file: string): Promise<boolean> {
	if (!agent.faults.active('prerequisite-fails', agent.name)) {
		return false;
	}

	const tests = (await readdir(path.dirname(file))).filter(name => /\.dll$/i.test(name)).sort();
	const victim = tests.find(name => /^verifyclusterports\.dll$/i.test(name)) ?? tests[0];
	return victim === path.basename(file) && agent.faults.bites('prerequisite-fails', agent.name);
}

function portsBlocked({address}: SimulatedAgent): LabTest {
	return {
		outcome: 'IssuesDetected',
		message: `Could not connect from ${address} to port 4222 of the other DataMiner Agents. Check the firewall.`,
	};
}
