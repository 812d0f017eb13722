import process from 'node:process';
import {render} from 'ink';
import {App} from './app.tsx';
import type {RunId} from '../domain/run-event.ts';
import type {DashboardPorts} from './ports.ts';
import {runToComeBackTo} from './state/shown-run.ts';
import {Store} from './store.ts';
import {type Appearance, AppearanceProvider} from './theme/appearance.tsx';

export interface DashboardOptions {
	readonly ports: DashboardPorts;
	readonly appearance: Appearance;
	/** Stands at the top until the name of the cluster is known. */
	readonly title?: string;
	/** Terminals; those of the process by default. */
	readonly stdin?: NodeJS.ReadStream;
	readonly stdout?: NodeJS.WriteStream;
	/** Leaves the dashboard when it is aborted, for what the user need not be asked about. */
	readonly signal?: AbortSignal;
	/** Frames a second, at most. */
	readonly maxFps?: number;
}

export interface LeftDashboard {
	readonly reason: 'left';
	/** A run that is not over: whoever left may want to come back to it. */
	readonly run?: RunId;
}

/**
 * Shows the dashboard until the user leaves it. Resolves, or rejects with what nobody foresaw, after the terminal
 * is as it was before.
 */
export async function runDashboard({
	ports,
	appearance,
	title = 'dms-upgrade',
	stdin = process.stdin,
	stdout = process.stdout,
	signal,
	maxFps = 60,
}: DashboardOptions): Promise<LeftDashboard> {
	const store = new Store(ports, {columns: stdout.columns, rows: stdout.rows});
	// Keys that are typed before the first frame would be echoed onto it otherwise.
	stdin.setRawMode(true);
	let stopListening: (() => void) | undefined;
	try {
		const app = render(
			<AppearanceProvider appearance={appearance}>
				<App store={store} title={title} />
			</AppearanceProvider>,
			{
				stdin,
				stdout,
				interactive: true,
				exitOnCtrlC: false,
				patchConsole: true,
				alternateScreen: true,
				incrementalRendering: true,
				maxFps,
			},
		);
		stopListening = onAbort(signal, () => app.unmount());
		await app.waitUntilExit();
	} finally {
		stopListening?.();
		store.stop();
		stdin.setRawMode(false);
		stdin.pause();
	}

	const run = runToComeBackTo(store.current().data);
	return {reason: 'left', ...(run !== undefined && {run})};
}

/** Calls back once, at once where it has happened already. Returns how to stop it. */
function onAbort(signal: AbortSignal | undefined, leave: () => void): () => void {
	signal?.addEventListener('abort', leave, {once: true});
	if (signal?.aborted) {
		leave();
	}

	return () => signal?.removeEventListener('abort', leave);
}
