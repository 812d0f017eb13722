/** How a prerequisite of a lab package ends; the words of the StandaloneBpaExecutor. Source: Standalone_BPA_Executor.md */
export type LabTestOutcome = 'NoIssues' | 'IssuesDetected' | 'Error';

/** What a lab package has in the place of a test DLL. */
export interface LabTest {
	readonly outcome: LabTestOutcome;
	/** One line. */
	readonly message: string;
}

const firstLine = 'dms-upgrade lab test';
const outcomes: readonly LabTestOutcome[] = ['NoIssues', 'IssuesDetected', 'Error'];

/** The content of a test DLL of a lab package: text that the simulated StandaloneBpaExecutor can read. */
export function formatLabTest({outcome, message}: LabTest): string {
	return `${firstLine}\noutcome: ${outcome}\nmessage: ${message.replaceAll(/\s+/g, ' ').trim()}\n`;
}

/** Undefined for anything that is no lab test, such as a real DLL. */
export function parseLabTest(content: string): LabTest | undefined {
	const [first, second, third] = content.split(/\r?\n/, 3);
	const outcome = outcomes.find(known => second === `outcome: ${known}`);
	const message = /^message: ?(.*)$/.exec(third ?? '')?.[1];
	return first === firstLine && outcome !== undefined && message !== undefined
		? {outcome, message}
		: undefined;
}
