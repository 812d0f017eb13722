#!/usr/bin/env node
import {enableCompileCache} from 'node:module';
import {opensDashboard, paintSplash} from './first-paint.ts';

enableCompileCache();

const dashboard = opensDashboard(
	process.argv.slice(2),
	process.env,
	process.stdin.isTTY && process.stdout.isTTY,
);
if (dashboard) {
	// The window is filled before the rest of the program is even loaded.
	paintSplash(process.stdin, process.stdout, process.env, process.argv.slice(2));
}

const {main} = await import('./main.ts');
const exitCode = await main(process.argv.slice(2), {splash: dashboard});
for (const stream of [process.stdout, process.stderr]) {
	// Pipes are written to in the background; a reader that went away is told by the callback, too.
	await new Promise(resolve => stream.write('', resolve));
}

// Nothing that is still open may keep the terminal waiting.
process.exit(exitCode);
