import type {SimulatedAgent} from './simulated-agent.ts';

export interface ScheduledTask {
	/** Without the leading backslash. */
	readonly name: string;
	readonly author: string;
	readonly runAs: string;
	readonly command: string;
	readonly args: string;
	running: boolean;
	lastRun: Date | undefined;
	lastResult: number;
}

/** SCHED_S_TASK_RUNNING and SCHED_S_TASK_HAS_NOT_RUN. Source: "Task Scheduler Error and Success Constants" */
const taskRunning = 267_009;
const taskHasNotRun = 267_011;
const fileNotFound = 0x80_07_00_02;

/** The task scheduler of one simulated Agent. What it runs belongs to no connection. */
export class ScheduledTasks {
	readonly #tasks = new Map<string, ScheduledTask>();

	constructor(private readonly agent: SimulatedAgent) {}

	find(name: string): ScheduledTask | undefined {
		return this.#tasks.get(keyOf(name));
	}

	get all(): readonly ScheduledTask[] {
		return [...this.#tasks.values()];
	}

	create(task: Pick<ScheduledTask, 'name' | 'author' | 'runAs' | 'command' | 'args'>): void {
		const name = task.name.replace(/^\\/, '');
		this.#tasks.set(keyOf(name), {
			...task,
			name,
			running: false,
			lastRun: undefined,
			lastResult: taskHasNotRun,
		});
		this.agent.events.note(this.agent.name, 'task-created', {task: name, command: task.command});
	}

	delete(name: string): void {
		this.#tasks.delete(keyOf(name));
		this.agent.events.note(this.agent.name, 'task-deleted', {task: name.replace(/^\\/, '')});
	}

	/** Starts it and comes back at once. A task that runs already is not started a second time. */
	start(task: ScheduledTask): void {
		if (task.running) {
			return;
		}

		const {clock, events, name} = this.agent;
		task.running = true;
		task.lastRun = clock.now();
		task.lastResult = taskRunning;
		events.note(name, 'task-started', {task: task.name});
		void this.#run(task).then(result => {
			task.running = false;
			task.lastResult = result;
			events.note(name, 'task-ended', {task: task.name, result});
		});
	}

	async #run(task: ScheduledTask): Promise<number> {
		const {processes} = this.agent;
		const program = task.command.replace(/^"(.*)"$/, '$1');
		const call = await processes.find(`"${program}" ${task.args}`, false);
		const nowhere = {write: () => undefined, writeError: () => undefined};
		return call ? processes.run(call, nowhere) : fileNotFound;
	}
}

function keyOf(name: string): string {
	return name.replace(/^\\/, '').toLowerCase();
}
