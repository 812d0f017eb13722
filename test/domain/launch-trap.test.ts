import {expect, test} from 'vitest';
import {opensWindowWhileStopped} from '../../source/domain/launch-trap.ts';
import {aVersion} from '../support/a-version.ts';

// General_Feature_Release_10.5.4.md (RN 42135)
test.each([
	['10.3.0 [CU22]', true],
	['10.4.0 [CU12]', true],
	['10.4.0 [CU13]', false],
	['10.4.12', true],
	['10.5.0 [CU0]', true],
	['10.5.0 [CU1]', false],
	['10.5.3', true],
	['10.5.4', false],
	['10.6.0 [CU0]', false],
	['10.6.1', false],
])('an Agent on %s that is launched while it is stopped waits in a window: %s', (version, waits) => {
	expect(opensWindowWhileStopped(aVersion(version))).toBe(waits);
});

test('a cumulative update that is not known counts as one of those', () => {
	expect(opensWindowWhileStopped(aVersion('10.4.0.0-15000'))).toBe(true);
});
