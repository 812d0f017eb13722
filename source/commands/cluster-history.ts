import {type Inventory, inventorySchema} from '../config/inventory.ts';
import {parseInventory} from '../config/inventory-file.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import type {RunJournal, RunSummary} from '../journal/run-journal.ts';

/** The runs on this cluster, newest first: it bears the same name, and an Agent of it is reached at the same place. */
export function runsOnCluster(journal: RunJournal, inventory: Inventory): readonly RunSummary[] {
	const places = new Set(inventory.agents.map(placeOf));
	return journal.list().filter(({run, cluster}) => {
		if (cluster !== inventory.cluster) {
			return false;
		}

		const other = inventorySchema.safeParse(journal.setup(run).inventory).data;
		return other?.agents.some(agent => places.has(placeOf(agent))) ?? false;
	});
}

/** How the Agents of a run are reached. */
export function inventoryOf(journal: RunJournal, run: RunId): Inventory {
	return parseInventory(journal.setup(run).inventory, `of run ${run}`);
}

function placeOf({address, port}: Inventory['agents'][number]): string {
	return `${address.toLowerCase()} ${port ?? 22}`;
}

/** The run on this cluster that is not over. */
export function openRun(journal: RunJournal, inventory: Inventory): RunSummary | undefined {
	return runsOnCluster(journal, inventory).find(({standing}) => standing !== 'over');
}

/** DataMiner allows no second upgrade operation before the first has fully finished. Throws `RunOpenError`. */
export function refuseOpenRun(journal: RunJournal, inventory: Inventory): void {
	const open = openRun(journal, inventory);
	if (open) {
		throw new RunOpenError(open);
	}
}

/** A package is used once: throws `PackageCompletedError` where it has brought all these Agents to its version already. */
export function refuseCompleted(
	journal: RunJournal,
	inventory: Inventory,
	plan: UpgradePlan,
	packageSha256: string,
): void {
	if (plan.goal === 'upload') {
		return;
	}

	const completed = completedRuns(runsOnCluster(journal, inventory)).filter(
		run => run.packageSha256 === packageSha256,
	);
	const upgraded = new Set(completed.flatMap(({agents}) => agents));
	const [last] = completed;
	if (last && plan.agents.every(id => upgraded.has(id))) {
		throw new PackageCompletedError(plan.package.file, last.run);
	}
}

export function completedRuns(runs: readonly RunSummary[]): readonly RunSummary[] {
	return runs.filter(({goal, outcome}) => goal === 'upgrade' && outcome === 'done');
}

/** Another run on this cluster is not over. */
export class RunOpenError extends UserError {
	readonly code = 'RUN_OPEN';
	override readonly exitCode = exitCodes.blocked;
	readonly nextSteps: readonly string[];
	constructor(readonly open: RunSummary) {
		const {run, operator, startedAt, standing, outcome} = open;
		super(
			`Run ${run} with ${visibleText(open.package.file, 120)}, begun by ${visibleText(operator.user, 60)} on ${visibleText(operator.host, 60)} at ${new Date(startedAt).toLocaleString('sv-SE')}, ${standingWords(standing, outcome)}. Until it is over, no other run may be begun on this cluster.`,
		);
		this.nextSteps =
			standing === 'going on'
				? [`dms-upgrade attach ${run} follows it.`, `dms-upgrade stop ${run} asks it to start nothing new.`]
				: [
						`dms-upgrade retry ${run} goes on with it; what is done is not done twice.`,
						`dms-upgrade end ${run} gives it up as it is.`,
					];
	}
}

function standingWords(standing: RunSummary['standing'], outcome: RunSummary['outcome']): string {
	switch (standing) {
		case 'going on':
			return 'is going on';
		case 'interrupted':
			return 'was interrupted: its runner is gone';
		default:
			return `has ended as ${outcome ?? 'unknown'} and waits to be retried or given up`;
	}
}

/** The package was used in a completed upgrade of the same Agents. */
export class PackageCompletedError extends UserError {
	readonly code = 'PACKAGE_COMPLETED';
	override readonly exitCode = exitCodes.blocked;
	readonly nextSteps: readonly string[];
	constructor(file: string, run: RunId) {
		super(
			`${visibleText(file, 200)} is completed: these Agents were upgraded with this very package in run ${run}.`,
		);
		this.nextSteps = [
			`dms-upgrade attach ${run} shows that run.`,
			'Choose another package; a completed one is not used again.',
		];
	}
}
