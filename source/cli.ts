#!/usr/bin/env node
import module from 'node:module';
import {opensDashboard, paintSplash, removeSplash} from './first-paint.ts';

const argv = process.argv.slice(2);

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const oldestNode = 22;
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
	process.stderr.write(
		`dms-upgrade: It needs Node ${oldestNode} or newer, and this is ${process.version}.\n  → Install a newer Node, or start it by npm from a checkout, which brings its own.\n`,
	);
	process.exit(1);
}

module.enableCompileCache();

async function run(): Promise<number> {
	if (!opensDashboard(argv, process.env, process.stdin.isTTY && process.stdout.isTTY)) {
		const {main} = await import('./main.ts');
		return main(argv);
	}

	const left = () => {
		removeSplash(process.stdin, process.stdout);
		process.exit(1);
	};
	// Until the dashboard is there, nobody else leaves the terminal as it was found.
	for (const signal of endingSignals) {
		process.once(signal, left);
	}

	// The window is filled before the rest of the program is even loaded.
	paintSplash(process.stdin, process.stdout, process.env, argv);
	const {dashboardCommand} = await import('./commands/dashboard.ts').catch((error: unknown) => {
		removeSplash(process.stdin, process.stdout);
		throw error;
	});
	const ended = dashboardCommand(argv);
	// A signal that came while the modules were read is told only now.
	setTimeout(() => {
		for (const signal of endingSignals) {
			process.off(signal, left);
		}
	}, 100).unref();
	return ended;
}

const exitCode = await run();
for (const stream of [process.stdout, process.stderr]) {
	// Pipes are written to in the background; a reader that went away is told by the callback, too.
	await new Promise(resolve => stream.write('', resolve));
}

// Nothing that is still open may keep the terminal waiting.
process.exit(exitCode);
