import {expect, test} from 'vitest';
import {SecretStore} from '../../../source/transport/ssh/secret-store.ts';
import {everythingOf} from '../../support/ssh-people.ts';

test('what is kept is given back, forgotten, and never printed', () => {
	const store = new SecretStore();
	store.keepAnswer('me@host password', 'hunter2');
	expect(store.answer('me@host password')).toBe('hunter2');
	expect(store.hasAnswers('me@host ')).toBe(true);
	expect(everythingOf({store})).not.toContain('hunter2');
	expect(`${store.toString()} ${JSON.stringify(store)}`).not.toContain('hunter2');
	store.forgetAnswer('me@host password');
	expect(store.answer('me@host password')).toBeUndefined();
	expect(store.hasAnswers('me@host ')).toBe(false);
});
