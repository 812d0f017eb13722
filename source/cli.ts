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
process.exitCode = await main(process.argv.slice(2), {splash: dashboard});
