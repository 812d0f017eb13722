import {expect, test} from 'vitest';
import type {AgentStatus} from '../../source/domain/agent-status.ts';
import {
	type AgentAnswer,
	checkReadiness,
	formatBytes,
	isBlocked,
	neededBytes,
} from '../../source/domain/readiness.ts';

import {aPackage} from '../support/a-package.ts';
import {aVersion} from '../support/a-version.ts';

const runningVersion = aVersion('10.5.12.0(CU2)-16797-20260112-release');

function ready(changes: Partial<AgentStatus> = {}): AgentAnswer {
	return {status: {state: 'Running', freeBytes: 10 ** 12, version: runningVersion, ...changes}};
}

function blocksOf(answers: Record<string, AgentAnswer>): Record<string, string[]> {
	const checks = checkReadiness(new Map(Object.entries(answers)), aPackage());
	return Object.fromEntries(
		[...checks].map(([id, list]) => [
			id,
			list.filter(({outcome}) => outcome === 'block').map(check => check.id),
		]),
	);
}

test('Agents that run the same version with room on their disks are ready', () => {
	expect(blocksOf({A: ready(), B: ready()})).toEqual({A: [], B: []});
});

test.each<[string, AgentAnswer]>([
	['reachable', {unreachable: 'A cannot be reached.'}],
	['running', ready({state: 'Starting'})],
	['free-disk', ready({freeBytes: neededBytes(aPackage()) - 1})],
	['no-upgrade-going-on', ready({upgradeInProgress: 'Other.dmupgrade'})],
])('%s blocks the Agent that it concerns, with a remedy, and no other', (id, answer) => {
	expect(blocksOf({A: answer, B: ready()})).toEqual({A: [id], B: []});
	const [check] = (checkReadiness(new Map([['A', answer]]), aPackage()).get('A') ?? []).filter(
		({outcome}) => outcome === 'block',
	);
	expect(check?.remedy).not.toBe('');
	expect(check?.evidence).not.toBe('');
});

test('free space that could not be found out is not taken for enough', () => {
	const answer = {status: {state: 'Running', version: runningVersion} as const};
	expect(blocksOf({A: answer})).toEqual({A: ['free-disk']});
});

test('exactly enough space is enough', () => {
	expect(blocksOf({A: ready({freeBytes: neededBytes(aPackage())})})).toEqual({A: []});
});

test('different versions block all Agents that they concern', () => {
	expect(blocksOf({A: ready(), B: ready({version: aVersion('10.5.11')})})).toEqual({
		A: ['same-version'],
		B: ['same-version'],
	});
});

test('an Agent that runs the target already is warned about', () => {
	const version = aVersion('10.6.0.0-16840-20260301-release');
	const checks = checkReadiness(new Map([['A', ready({version})]]), aPackage()).get('A') ?? [];
	expect(checks.find(check => check.id === 'target-version')?.outcome).toBe('warn');
	expect(isBlocked(checks)).toBe(false);
});

test.each([
	[0, '0 B'],
	[999, '999 B'],
	[1000, '0.977 KiB'],
	[1023_487, '999 KiB'],
	[1023_900, '0.976 MiB'],
	[1024 ** 2 * 5, '5.00 MiB'],
	[1024 ** 3 * 1.4, '1.40 GiB'],
])('%d bytes are written %s', (bytes, text) => {
	expect(formatBytes(bytes)).toBe(text);
});
