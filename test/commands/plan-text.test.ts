import {expect, test} from 'vitest';
import {planText} from '../../source/commands/plan-text.ts';
import {aPlan} from '../support/a-run.ts';

const rowOf = (text: string, title: string) =>
	text
		.split('\n')
		.find(line => line.startsWith(title))
		?.slice(17);

test('a plan says who launches, and who is sent the package', () => {
	const each = planText(aPlan());
	expect(rowOf(each, 'Launch')).toBe('each Agent by itself, in the order of these steps');
	expect(rowOf(each, 'Step 1')).toMatch(/^upgrade .* together$/);
	const plan = aPlan({launch: 'cluster', policy: 'BackupFirst'});
	const [leader] = plan.agents;
	const led = planText(plan);
	expect(rowOf(led, 'Launch')).toBe(
		`${leader} is told to upgrade the whole cluster, and keeps the order of the policy by itself`,
	);
	expect(rowOf(led, 'First')).toContain(`upload to ${leader}`);
	expect(rowOf(led, 'Step 1')).toBe(`${leader} upgrades ${plan.agents.join(', ')}`);
	expect(rowOf(led, 'Step 2')).toBeUndefined();
});

test('a plan for an upload says nothing of launching', () => {
	expect(planText(aPlan({goal: 'upload'}))).not.toContain('Launch');
});
