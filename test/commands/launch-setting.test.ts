import {rm} from 'node:fs/promises';
import {afterEach, expect, test} from 'vitest';
import {prepareRunPackage} from '../../source/commands/run-package.ts';
import {openCluster} from '../../source/commands/cluster-session.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {type Lab, startLab} from '../../source/lab/lab.ts';
import {eventually} from '../support/eventually.ts';

let lab: Lab;

afterEach(async () => {
	await lab.stop();
	await rm(lab.folder, {recursive: true, force: true});
});

test('an upgrade is started as the cluster says, and on an Agent that says otherwise as that says', async () => {
	lab = await startLab({agents: 3, pairs: 0, speed: 1000, fillerBytes: 64 * 1024});
	const [first, second, third] = lab.inventory.agents;
	const session = await openCluster({
		...lab.inventory,
		launch: 'direct',
		agents: [first!, {...second!, launch: 'task'}, third!],
	});
	const prepared = await prepareRunPackage(lab.packages.full);
	for (const connection of session.connections.values()) {
		const staged = await connection.stagePackage(prepared.file, {stallMs: 20_000});
		await connection.launch({run: 'run-1', staged, options: defaultUpgradeOptions});
	}

	const happened = (event: string) =>
		lab.events.filter(found => found.event === event).map(({agent}) => agent);
	await eventually(() => happened('upgrade-started').length === 3);
	expect(happened('task-created')).toEqual([second!.name]);
	await prepared.dispose();
	await session.close();
});
