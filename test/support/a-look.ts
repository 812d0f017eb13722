import {onTestFinished} from 'vitest';
import {type ClusterSession, openCluster} from '../../source/commands/cluster-session.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import type {Readiness, ReadinessCheck} from '../../source/domain/readiness.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {type LookInput, ReadinessLook} from '../../source/orchestration/readiness-look.ts';
import {aLab} from './a-lab.ts';
import {aPackage} from './a-package.ts';

interface LookWishes {
	readonly lab?: LabOptions;
	readonly package?: Partial<PackageFacts>;
	readonly input?: Partial<LookInput>;
	/** Something that happened on the servers before. */
	readonly before?: (lab: Lab, session: ClusterSession) => Promise<void> | void;
}

/** Looks at the Agents of a lab over SSH; everything ends with the test. */
export async function lookAtLab(wishes: LookWishes = {}): Promise<Readiness> {
	const lab = await aLab({agents: 2, pairs: 0, ...wishes.lab});
	const session = await openCluster(lab.inventory);
	onTestFinished(() => session.close());
	await wishes.before?.(lab, session);
	const look = new ReadinessLook({
		cluster: session.cluster,
		connections: session.connections,
		package: aPackage(wishes.package),
		policy: 'Simultaneously',
		clock: systemClock,
		...wishes.input,
	});
	return look.run();
}

/** What was found for one check of an Agent. */
export function checkOn(readiness: Readiness, agent: string, id: string): ReadinessCheck | undefined {
	return readiness.agents.get(agent)?.find(check => check.id === id);
}
