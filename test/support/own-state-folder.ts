import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Programs that tests start keep their runs in a folder of the tests, and see nothing of whoever runs them. */
export async function setup(): Promise<() => Promise<void>> {
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-state-'));
	process.env['XDG_STATE_HOME'] = folder;
	process.env['XDG_CONFIG_HOME'] = path.join(folder, 'config');
	return () => rm(folder, {recursive: true, force: true, maxRetries: 5});
}
