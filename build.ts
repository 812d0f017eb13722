import {readFile, rm} from 'node:fs/promises';
import {type Plugin, build} from 'esbuild';

/** A change to a library's source that makes the first frame come sooner. Each is checked to still apply. */
interface Patch {
	readonly file: RegExp;
	readonly find: RegExp;
	readonly replacement: string;
}

const lazySegmenter = {
	find: /const (\w+) = new Intl\.Segmenter\(([^)]*)\);/g,
	replacement:
		'let $1Instance; const $1 = {segment: text => ($1Instance ??= new Intl.Segmenter($2)).segment(text)};',
};

const patches: readonly Patch[] = [
	// Yoga fetches its own data: URL, which makes Node load its HTTP client: about 40 ms.
	{
		file: /yoga-layout\/dist\/binaries\/yoga-wasm-base64-esm\.js$/,
		find: /"function"!=typeof fetch/g,
		replacement: '!0',
	},
	// Ink would load React's developer tools, which are not installed, when it finds DEV in the environment.
	{file: /ink\/build\/reconciler\.js$/, find: /process\.env\['DEV'\] === 'true'/g, replacement: 'false'},
	// The first segmenter takes about 12 ms, at import; screens of plain text need none.
	{file: /ink\/build\/line-update\.js$/, ...lazySegmenter},
	{file: /@alcalzone\/ansi-tokenize\/build\/tokenize\.js$/, ...lazySegmenter},
	{file: /slice-ansi\/tokenize-ansi\.js$/, ...lazySegmenter},
	{file: /wrap-ansi\/index\.js$/, ...lazySegmenter},
	{file: /string-width\/index\.js$/, ...lazySegmenter},
	// This expression takes about 20 ms to compile.
	{
		file: /string-width\/index\.js$/,
		find: /const rgiEmojiRegex = (\/.*\/v);/g,
		replacement: 'let rgiEmoji; const rgiEmojiRegex = {test: text => (rgiEmoji ??= $1).test(text)};',
	},
	// Latin letters, punctuation, arrows, boxes, blocks, geometric shapes and Braille are one column wide each.
	{
		file: /string-width\/index\.js$/,
		find: /\/\^\[\\u0020-\\u007E\]\*\$\//g,
		replacement: String.raw`/^[\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2015\u2018-\u201F\u2026\u2039\u203A\u2190-\u21FF\u2500-\u25FC\u2713\u2717\u2800-\u28FF]*$/`,
	},
];

const fasterStart: Plugin = {
	name: 'faster-start',
	setup(bundler) {
		bundler.onLoad({filter: /[\\/]node_modules[\\/].*\.js$/}, async ({path}) => {
			const name = path.replaceAll('\\', '/');
			const wanted = patches.filter(patch => patch.file.test(name));
			if (wanted.length === 0) {
				return undefined;
			}

			let contents = await readFile(path, 'utf8');
			for (const {find, replacement} of wanted) {
				if (contents.search(find) < 0) {
					throw new Error(`${name} changed: ${find.source} is not in it any more. Look at build.ts.`);
				}

				contents = contents.replaceAll(find, replacement);
			}

			return {contents, loader: 'js'};
		});
	},
};

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, {recursive: true, force: true});
await build({
	entryPoints: {cli: 'source/cli.ts'},
	outdir,
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node22',
	minify: true,
	sourcemap: 'linked',
	sourcesContent: false,
	legalComments: 'none',
	chunkNames: 'chunks/[name]-[hash]',
	// React picks its build by this; the one for development is slower and leaks.
	define: {'process.env.NODE_ENV': '"production"'},
	// ssh2 looks for its optional native parts beside its own files.
	external: ['ssh2'],
	banner: {
		// Bundled CommonJS packages still call require for Node's own modules.
		js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);",
	},
	plugins: [fasterStart],
	logLevel: 'warning',
});
