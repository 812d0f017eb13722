import {afterEach, expect, test, vi} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {
	ConnectionLostError,
	FileOperationError,
	ProgramTimedOutError,
} from '../../source/agent/machine-errors.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {AgentStatus} from '../../source/domain/agent-status.ts';
import type {RunFact} from '../../source/domain/run-event.ts';
import type {LabEventName} from '../../source/lab/events.ts';
import {type FinishedRun, type Practice, startPractice, withinOneMajor} from '../support/practice.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

let practice: Practice;

afterEach(async () => {
	await practice.close();
});

function spoil(agent: AgentId, change: (real: AgentConnection) => Partial<AgentConnection>): void {
	spoilConnection(practice.session, agent, change);
}

function agentsWhere(event: LabEventName): string[] {
	return practice.lab.events.filter(found => found.event === event).map(({agent}) => agent);
}

function outcomes({state}: FinishedRun): Record<string, string | undefined> {
	return Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
}

test('roles that changed since the plan was made stop a backup-first upgrade before anything is launched', async () => {
	practice = await startPractice(withinOneMajor({agents: 3, pairs: 1}));
	const {lab, session} = practice;
	const plan = await practice.plan(lab.packages.full, {policy: 'BackupFirst'});
	await session.connections.get('DMA-02B')!.switchOver();
	const run = await (await practice.begin(plan, lab.packages.full)).ended;
	expect(run.outcome).toBe('blocked');
	expect(run.state.agents.get('DMA-02B')?.failure?.message).toContain('no longer offline');
	expect(agentsWhere('upgrade-started')).toEqual([]);
});

test('a launch whose answer came too late is not taken for one that failed: the Agent is followed, and not stopped', async () => {
	practice = await startPractice({agents: 2, pairs: 0});
	let late = true;
	spoil('DMA-02', real => ({
		async launch(order) {
			const receipt = await real.launch(order);
			if (late) {
				late = false;
				throw new ProgramTimedOutError('127.0.0.1', 'schtasks.exe', 60_000);
			}

			return receipt;
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full);
	expect(run.outcome).toBe('done');
	expect(agentsWhere('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
});

test('a launch of which nobody ever hears is unknown', async () => {
	practice = await startPractice({agents: 2, pairs: 0});
	spoil('DMA-02', real => ({
		async launch(order) {
			await real.launch(order);
			throw new ProgramTimedOutError('127.0.0.1', 'schtasks.exe', 60_000);
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full, {}, {launch: 500});
	expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'unknown'});
	expect(run.outcome).toBe('unknown');
	const stops = practice.lab.events.filter(({detail}) => String(detail['arguments']).includes('-stop'));
	expect(stops).toEqual([]);
});

test('stopped while a launch is told again, it is not launched any more', async () => {
	practice = await startPractice({agents: 1, pairs: 0});
	spoil('DMA-01', () => ({
		launch: () => Promise.reject(new ConnectionLostError('127.0.0.1', 'launching')),
	}));
	const run = await practice.begin(
		await practice.plan(practice.lab.packages.full),
		practice.lab.packages.full,
	);
	await run.until('launch.started');
	await run.journal.request({kind: 'stop', operator: {user: 'edith', host: 'jump'}});
	const finished = await run.ended;
	expect(outcomes(finished)).toEqual({'DMA-01': 'unknown'});
	expect(agentsWhere('upgrade-started')).toEqual([]);
});

test('what cannot be asked for a moment does not abandon an upgrade that was launched', async () => {
	practice = await startPractice({agents: 2, pairs: 0});
	let readings = 0;
	let questions = 0;
	spoil('DMA-02', real => ({
		async *followProgress(receipt, options) {
			let lines = 0;
			for await (const line of real.followProgress(receipt, options)) {
				yield line;
				if (readings < 2 && ++lines === 3) {
					readings++;
					throw new FileOperationError('127.0.0.1', 'progress.log', 'FILE_FAILED', 'it is in use');
				}
			}
		},
		async status(signal) {
			if (readings > 0 && ++questions <= 3) {
				throw new ProgramTimedOutError('127.0.0.1', 'sc.exe', 60_000);
			}

			return real.status(signal);
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full);
	expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
	expect(readings).toBe(2);
	const offsets = run.events.flatMap(event =>
		event.type === 'agent.progressed' && event.agent === 'DMA-02' ? [event.nextOffset] : [],
	);
	expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
});

test('contact that comes and goes while the log is silent ends within the limits', async () => {
	practice = await startPractice({agents: 1, pairs: 0});
	spoil('DMA-01', real => ({
		followProgress: () => ({
			[Symbol.asyncIterator]: () => ({
				next: () => Promise.reject(new ConnectionLostError('127.0.0.1', 'reading')),
			}),
		}),
		async status(signal) {
			return {...(await real.status(signal)), versionStamp: 'never changes'};
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full, {}, {silence: 1500, contact: 1500});
	expect(outcomes(run)).toEqual({'DMA-01': 'unknown'});
	expect(run.state.agents.get('DMA-01')?.failure?.code).toBe('LOG_SILENT');
});

test('a line of success is no end when the upgrade fails after it', async () => {
	practice = await startPractice({agents: 1, pairs: 0, faults: ['upgrade-fails@DMA-01']});
	spoil('DMA-01', real => ({
		async *followProgress(receipt, options) {
			for await (const followed of real.followProgress(receipt, options)) {
				yield {...followed, line: {type: 'success', message: 'Some files were copied.'}};
				yield followed;
			}
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full);
	expect(outcomes(run)).toEqual({'DMA-01': 'failed'});
	expect(run.state.agents.get('DMA-01')?.failure?.code).toBe('UPGRADE_FAILED');
});

test('an Agent whose version cannot be read at the end is unknown, not failed', async () => {
	practice = await startPractice({agents: 1, pairs: 0});
	let launched = false;
	spoil('DMA-01', real => ({
		launch(order) {
			launched = true;
			return real.launch(order);
		},
		async status(signal) {
			const status: {version?: unknown; versionStamp?: unknown} & AgentStatus = await real.status(signal);
			if (launched) {
				delete status.version;
				delete status.versionStamp;
			}

			return status;
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full, {}, {start: 1000});
	expect(run.outcome).toBe('unknown');
	expect(run.state.agents.get('DMA-01')?.failure?.code).toBe('VERSION_UNREADABLE');
});

test('a switch-over that takes the connection along is judged by the roles', async () => {
	practice = await startPractice(withinOneMajor({agents: 3, pairs: 1}));
	spoil('DMA-02B', real => ({
		async switchOver() {
			await real.switchOver();
			throw new ConnectionLostError('127.0.0.1', 'switching over');
		},
	}));
	const run = await practice.upgrade(practice.lab.packages.full, {policy: 'BackupFirst'});
	expect(run.outcome).toBe('done');
});

test('contact lost during the prerequisites is no failed prerequisite', async () => {
	practice = await startPractice({agents: 2, pairs: 0});
	spoil('DMA-02', () => ({
		runPrerequisites: () => Promise.reject(new ConnectionLostError('127.0.0.1', 'testing')),
	}));
	const run = await practice.upgrade(practice.lab.packages.full);
	expect(run.outcome).toBe('unreachable');
	expect(agentsWhere('upgrade-started')).toEqual([]);
});

test('somebody who looks on and stumbles does not end the run', async () => {
	practice = await startPractice({agents: 1, pairs: 0});
	const run = await practice.begin(
		await practice.plan(practice.lab.packages.full),
		practice.lab.packages.full,
	);
	run.journal.subscribe(() => {
		throw new Error('stumbled');
	});
	expect((await run.ended).outcome).toBe('done');
});

test('a journal that fails ends the runner at once, whatever Agent it waits for: another one takes the run up', async () => {
	practice = await startPractice({agents: 2, pairs: 0, faults: ['does-not-start@DMA-01']});
	const {full} = practice.lab.packages;
	const run = await practice.begin(await practice.plan(full), full, {start: 600_000});
	const append = run.journal.append.bind(run.journal);
	const written = vi.spyOn(run.journal, 'append');
	const diskIsFull = new Error('the disk is full');
	written.mockImplementation(async (...facts: readonly RunFact[]) => {
		if (facts.some(({type}) => type === 'agent.verified')) {
			throw diskIsFull;
		}

		return append(...facts);
	});
	await expect(run.ended).rejects.toBe(diskIsFull);
	written.mockRestore();
	await practice.lab.clear('does-not-start@DMA-01');
	expect((await run.retry()).outcome).toBe('done');
	expect(agentsWhere('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
});
