import {expect, test} from 'vitest';
import {endingOf} from '../../source/domain/upgrade-log.ts';

test.each(['finished', 'success', 'localcomplete', 'upgradecomplete'])(
	'a line of type %s ends an upgrade well',
	type => {
		expect(endingOf({type, message: 'whatever'})).toEqual({ended: 'well'});
	},
);

test('the documented last line of a failed upgrade ends it badly', () => {
	const message = 'Upgrade failed: Execute failed: Not found in upgrades, tools, files or windows system dir';
	expect(endingOf({type: 'error', message})).toEqual({ended: 'badly', reason: message});
});

test.each([
	['error', "Couldn't remove Elastic indices. Cause: Object reference not set to an instance of an object."],
	['step', 'Executing on-failure steps due to failure...'],
	['notice', "Executing 'dcomConfig.exe' failed: Not found in upgrades, tools, files or windows system dir"],
	['information', 'Upgrade failed'],
])('an upgrade goes on after "%s|%s"', (type, message) => {
	expect(endingOf({type, message})).toBeUndefined();
});
