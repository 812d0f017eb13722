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

/** Does what a reducer asked for. Never rejects: a failure is an answer too. Undefined: there is nothing to say. */
export async function runEffect(
	effect: Effect,
	ports: DashboardPorts,
	host: Host,
): Promise<Answer | undefined> {
	try {
		return await perform(effect, ports, host);
	} catch (error) {
		return {
			to: effect.do,
			failure: failureOf(error),
			...('path' in effect && {path: effect.path}),
			...('agent' in effect && {agent: effect.agent}),
		};
	}
}

async function perform(effect: Effect, ports: DashboardPorts, host: Host): Promise<Answer | undefined> {
	switch (effect.do) {
		case 'refresh':
			ports.cluster.refresh();
			return undefined;
		case 'control':
			await ports.cluster.control(effect.agent, effect.act);
			return {to: 'control', agent: effect.agent, act: effect.act};
		case 'inspect':
			return {to: 'inspect', path: effect.path, facts: await ports.packages.inspect(effect.path)};
		case 'list-folder':
			return {to: 'list-folder', listing: await ports.files.list(effect.folder ?? ports.files.start)};
		case 'start-run':
			await ports.runs.start(effect.plan, effect.packagePath);
			return {to: 'start-run'};
		case 'stop-run':
			await ports.runs.stop();
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
