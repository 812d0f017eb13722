import {defineConfig} from 'vitest/config';

export default defineConfig({
	// React is the production one in the tests too; it has no development JSX.
	oxc: {jsx: {runtime: 'automatic', development: false}},
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		globalSetup: 'test/support/own-state-folder.ts',
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// Most of the time of a test goes by in waiting for others: more of them than processors keep these busy.
		maxWorkers: 4,
		// Of those in one file that may run at the same time, so many do: each has a cluster of its own.
		maxConcurrency: 3,
		// Ink needs the console as Node made it.
		disableConsoleIntercept: true,
		// Frames are compared with their colours and times, wherever the tests run.
		env: {NODE_ENV: 'production', FORCE_COLOR: '1', TZ: 'UTC'},
	},
});
