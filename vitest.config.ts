import {defineConfig} from 'vitest/config';

export default defineConfig({
	// React is the production one in the tests too; it has no development JSX.
	oxc: {jsx: {runtime: 'automatic', development: false}},
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// Ink needs the console as Node made it.
		disableConsoleIntercept: true,
		// Frames are compared with their colours and times, wherever the tests run.
		env: {NODE_ENV: 'production', FORCE_COLOR: '1', TZ: 'UTC'},
	},
});
