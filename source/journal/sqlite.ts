import type {DatabaseSync} from 'node:sqlite';

type OpenDatabase = new (path: string, options?: {readonly readOnly?: boolean}) => DatabaseSync;

/**
 * Node's own SQLite: nothing to install or compile, and as quick as the packages that bring one. Below Node 24 loading
 * it warns that it is experimental, which tells an administrator nothing; every other warning is passed on.
 */
function loadSqlite(): OpenDatabase {
	// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with `process` again.
	const {emitWarning} = process;
	process.emitWarning = (...warning: readonly unknown[]) => {
		const [text, type] = warning;
		if (type !== 'ExperimentalWarning' || !String(text).startsWith('SQLite ')) {
			Reflect.apply(emitWarning, process, warning);
		}
	};
	try {
		return process.getBuiltinModule('node:sqlite').DatabaseSync;
	} finally {
		process.emitWarning = emitWarning;
	}
}

let loaded: OpenDatabase | undefined;

/** Opens or creates a database. Synchronous, as all of SQLite is here. */
export function openDatabase(path: string, options: {readonly readOnly?: boolean} = {}): DatabaseSync {
	loaded ??= loadSqlite();
	return new loaded(path, options);
}
