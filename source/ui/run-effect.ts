import type {RunId} from '../domain/run-event.ts';
import {failureOf} from '../domain/user-error.ts';
import type {DashboardPorts} from './ports.ts';
import type {Answer, Effect} from './state/update.ts';

/** What only the terminal's owner can do. */
export interface Host {
	/** Hands the terminal to the shell until it brings the program back. */
	suspend(): Promise<void>;
	/** Draws everything anew. */
	redraw(): Promise<void>;
	leave(): void;
}

/** Chooses what Progress shows. */
export interface RunViewer {
	show(run: RunId): void;
	/** The run that is shown, just after this event; undefined: as it is now. */
	lookAt(run: RunId, sequence: number | undefined): void;
}

/**
 * Does what a reducer asked for. Never rejects: a failure is an answer too.
 * Undefined: there is nothing to say.
 */
export async function runEffect(
	effect: Effect,
	ports: DashboardPorts,
	host: Host,
	viewer: RunViewer,
): Promise<Answer | undefined> {
	try {
		return await perform(effect, ports, host, viewer);
	} catch (error) {
		return {
			to: effect.do,
			failure: failureOf(error),
			...('path' in effect && {path: effect.path}),
			...('agent' in effect && {agent: effect.agent}),
			...(effect.do === 'start-run' && {request: effect}),
		};
	}
}

async function perform(
	effect: Effect,
	ports: DashboardPorts,
	host: Host,
	viewer: RunViewer,
): Promise<Answer | undefined> {
	switch (effect.do) {
		case 'refresh':
			ports.cluster.refresh();
			return undefined;
		case 'look':
			ports.readiness.look(effect.wish, {anew: effect.anew === true});
			return undefined;
		case 'stop-looking':
			ports.readiness.rest();
			return undefined;
		case 'control':
			await ports.cluster.control(effect.agent, effect.act);
			return {to: 'control', agent: effect.agent, act: effect.act};
		case 'inspect':
			return {to: 'inspect', path: effect.path, facts: await ports.packages.inspect(effect.path)};
		case 'list-folder':
			return {to: 'list-folder', listing: await ports.files.list(effect.folder ?? ports.files.start)};
		case 'start-run': {
			const {plan, packagePath, takeOverLocks, acknowledged} = effect;
			const run = await ports.runs.start(plan, packagePath, {takeOverLocks, acknowledged});
			viewer.show(run);
			return {to: 'start-run', run};
		}

		case 'show-run':
			viewer.show(effect.run);
			return {to: 'show-run', run: effect.run, ...(effect.ask && {ask: effect.ask})};
		case 'look-at':
			viewer.lookAt(effect.run, effect.sequence);
			return undefined;
		case 'stop-run':
			await ports.runs.stop(effect.run);
			return undefined;
		case 'retry-run':
			await ports.runs.retry(effect.run, effect.acknowledged ?? []);
			return {to: 'retry-run', run: effect.run};
		case 'end-run':
			await ports.runs.end(effect.run);
			return {to: 'end-run', run: effect.run};
		case 'answer-question':
			ports.questions.answer(effect.id, effect.answer);
			return undefined;
		case 'suspend':
			await host.suspend();
			return undefined;
		case 'redraw':
			await host.redraw();
			return undefined;
		case 'leave':
			host.leave();
			return undefined;
	}
}
