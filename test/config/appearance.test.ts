import {expect, test} from 'vitest';
import {appearanceOf} from '../../source/config/appearance.ts';

const utf8 = {LANG: 'en_US.UTF-8', TERM: 'xterm-256color'};

test.each<[string, Record<string, string>, boolean, NodeJS.Platform, {color: boolean; ascii: boolean}]>([
	['an ordinary terminal', utf8, false, 'linux', {color: true, ascii: false}],
	['NO_COLOR', {...utf8, NO_COLOR: '1'}, false, 'linux', {color: false, ascii: false}],
	[
		'an empty NO_COLOR, which counts as none',
		{...utf8, NO_COLOR: ''},
		false,
		'linux',
		{color: true, ascii: false},
	],
	['--ascii', utf8, true, 'linux', {color: true, ascii: true}],
	['the Linux console', {...utf8, TERM: 'linux'}, false, 'linux', {color: true, ascii: true}],
	['a locale without UTF-8', {LANG: 'C', TERM: 'xterm'}, false, 'linux', {color: true, ascii: true}],
	['no locale', {TERM: 'xterm'}, false, 'darwin', {color: true, ascii: true}],
	['LC_ALL before LANG', {LANG: 'en_US.UTF-8', LC_ALL: 'C'}, false, 'linux', {color: true, ascii: true}],
	[
		'an empty LC_ALL, which counts as none',
		{LANG: 'C.utf8', LC_ALL: ''},
		false,
		'linux',
		{color: true, ascii: false},
	],
	['Windows, which has no such variables', {}, false, 'win32', {color: true, ascii: false}],
])('%s', (_, environment, ascii, platform, expected) => {
	expect(appearanceOf(environment, ascii, platform)).toEqual(expected);
});
