import {readFile, readdir, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {type BuildOptions, type Plugin, build} from 'esbuild';

/** A change to a library's source that makes the first frame come sooner. Each is checked to still apply. */
interface Patch {
	readonly file: RegExp;
	readonly find: RegExp;
	readonly replacement: string;
}

const lazySegmenter = {
	find: /const (\w+) = new Intl\.Segmenter\([^)]*\);/g,
	replacement: 'const $1 = lazyGraphemeSegmenter();',
};

const plainText = path.join(import.meta.dirname, 'source/ui/plain-text.ts');

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
	// Node looks at regular expressions while it reads a file; those with Unicode properties take it about 20 ms.
	{
		file: /string-width\/index\.js$/,
		find: /const (\w+) = \/(.*\\p\{.*)\/([a-z]+);/g,
		replacement: 'const $1 = lazyRegExp(String.raw`$2`, "$3");',
	},
	{
		file: /string-width\/index\.js$/,
		find: /\/\^\[\\u0020-\\u007E\]\*\$\/\.test\(string\)/g,
		replacement: 'isOneColumnEach(string)',
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

			return {
				contents: `import {isOneColumnEach, lazyGraphemeSegmenter, lazyRegExp} from ${JSON.stringify(plainText)};\n${contents}`,
				loader: 'js',
			};
		});
	},
};

const outdir = path.join(import.meta.dirname, 'dist');

/** A program that runs still reads from `dist`: it is made anew only when something changed. */
async function isUpToDate(): Promise<boolean> {
	const sources = await readdir(path.join(import.meta.dirname, 'source'), {
		recursive: true,
		withFileTypes: true,
	});
	const files = [
		...sources.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name)),
		...['build.ts', 'package.json', 'package-lock.json'].map(name => path.join(import.meta.dirname, name)),
	];
	try {
		const built = await stat(path.join(outdir, 'main.js'));
		const changed = await Promise.all(files.map(async file => (await stat(file)).mtimeMs));
		return Math.max(...changed) < built.mtimeMs;
	} catch {
		// Never built, or changed while we look.
		return false;
	}
}

const common = {
	outdir,
	bundle: true,
	format: 'esm',
	platform: 'node',
	// Older targets make esbuild build its regular expressions at start-up, which Node would put off.
	target: 'esnext',
	minify: true,
	sourcemap: 'linked',
	sourcesContent: false,
	legalComments: 'none',
	// React picks its build by this; the one for development is slower and leaks.
	define: {'process.env.NODE_ENV': '"production"'},
	plugins: [fasterStart],
	logLevel: 'warning',
} as const satisfies BuildOptions;

/** The first file that runs is whole in itself: reading another one takes longer than painting the splash. */
const restApart: Plugin = {
	name: 'rest-apart',
	setup(bundler) {
		bundler.onResolve({filter: /^\.\/(?:main|commands\/dashboard)\.ts$/}, ({path: file}) => ({
			path: file.replace(/\.ts$/, '.js'),
			external: true,
		}));
	},
};

if (!process.argv.includes('--if-changed') || !(await isUpToDate())) {
	await rm(outdir, {recursive: true, force: true});
	await Promise.all([
		build({...common, entryPoints: ['source/cli.ts'], plugins: [restApart, fasterStart]}),
		build({
			...common,
			entryPoints: ['source/main.ts', 'source/commands/dashboard.ts'],
			outbase: 'source',
			splitting: true,
			chunkNames: 'chunks/[name]-[hash]',
			// ssh2 looks for its optional native parts beside its own files.
			external: ['ssh2'],
			banner: {
				// Bundled CommonJS packages still call require for Node's own modules.
				js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);",
			},
		}),
	]);
}
