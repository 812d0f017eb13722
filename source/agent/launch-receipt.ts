import * as z from 'zod';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {taskPrefix} from './upgrade-task.ts';

const launchFacts = z.object({
	run: z.string().min(1).max(200),
	/** Missing where no task carries it. Whoever made up a receipt could ask about the tasks of others. */
	task: z.string().startsWith(taskPrefix).max(250).optional(),
	/** The Agent was not told itself: nothing of a launch is on it. */
	expected: z.literal(true).optional(),
	package: z.string().min(1).max(250),
	/** Folders of this package in `Upgrades\Packages` from before the launch: theirs is not the log to follow. */
	foldersBefore: z.array(z.string().max(300)).max(1000),
});

/** What is needed to find a launched upgrade again. */
export type LaunchFacts = z.infer<typeof launchFacts>;

export function receiptOf(facts: LaunchFacts): LaunchReceipt {
	return {reference: JSON.stringify(facts)};
}

/** Undefined where it is no receipt of ours. */
export function readReceipt(reference: string): LaunchFacts | undefined {
	try {
		return launchFacts.safeParse(JSON.parse(reference)).data;
	} catch {
		return undefined;
	}
}
