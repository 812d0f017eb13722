import {expect, test} from 'vitest';
import {prerequisiteResult} from '../../source/agent/bpa-result.ts';

const ended = (exitCode: number, stdout = '') => ({exitCode, stdout, stderr: ''});
const file = (content: unknown) => Buffer.from(JSON.stringify(content));

test('the file is believed before the exit code', () => {
	expect(prerequisiteResult('Verify', file({Name: 'Verify', Outcome: 'NoIssues'}), ended(2))).toEqual({
		check: 'Verify',
		outcome: 'passed',
		message: 'No issues detected.',
	});
	expect(
		prerequisiteResult(
			'Verify',
			file({TestName: 'x', Outcome: 'IssuesDetected', ResultMessage: 'Port 443.'}),
			ended(0),
		),
	).toEqual({check: 'Verify', outcome: 'failed', message: 'Port 443.'});
	expect(prerequisiteResult('Verify', file([{Outcome: 'Error', Message: 'No access.'}]), ended(0))).toEqual({
		check: 'Verify',
		outcome: 'could not run',
		message: 'No access.',
	});
	expect(prerequisiteResult('Verify', file({Outcome: 'NotExecuted'}), ended(0)).outcome).toBe(
		'could not run',
	);
	expect(prerequisiteResult('Verify', file({Outcome: 'Splendid'}), ended(0)).outcome).toBe('could not run');
});

test('of several verdicts the worst counts', () => {
	const result = prerequisiteResult(
		'Verify',
		file([
			{Outcome: 'NoIssues', ResultMessage: 'fine'},
			{Outcome: 'Error', ResultMessage: 'broken'},
			{Outcome: 'IssuesDetected', ResultMessage: 'bad'},
		]),
		ended(0),
	);
	expect(result).toEqual({check: 'Verify', outcome: 'failed', message: 'bad'});
});

test('a file with a byte order mark is read', () => {
	const bytes = Buffer.from(`\uFEFF${JSON.stringify({Outcome: 'NoIssues'})}`, 'utf16le');
	expect(prerequisiteResult('Verify', bytes, ended(0)).outcome).toBe('passed');
});

test('without a file nothing is passed', () => {
	expect(prerequisiteResult('Verify', undefined, ended(0)).outcome).toBe('could not run');
	expect(prerequisiteResult('Verify', undefined, ended(1, 'crash')).message).toBe('crash');
	expect(prerequisiteResult('Verify', undefined, ended(2, 'issues')).outcome).toBe('failed');
	expect(prerequisiteResult('Verify', Buffer.from('{oops'), ended(0)).outcome).toBe('could not run');
	expect(prerequisiteResult('Verify', file([]), ended(0)).outcome).toBe('could not run');
});

test('a message is bounded and cannot write to the terminal', () => {
	const {message} = prerequisiteResult(
		'Verify',
		file({Outcome: 'IssuesDetected', Message: `\u001B[31m${'x'.repeat(100_000)}`}),
		ended(2),
	);
	expect(message.length).toBeLessThan(1100);
	expect(message).not.toContain('\u001B');
});
