import {expect, test} from 'vitest';
import {defaultClusterFile} from '../../source/config/config-folder.ts';

test.each<[NodeJS.Platform, Record<string, string>, string, string]>([
	['linux', {}, '/home/edith', '/home/edith/.config/dms-upgrade/clusters.yaml'],
	['linux', {XDG_CONFIG_HOME: '/etc/edith'}, '/home/edith', '/etc/edith/dms-upgrade/clusters.yaml'],
	['linux', {XDG_CONFIG_HOME: 'here'}, '/home/edith', '/home/edith/.config/dms-upgrade/clusters.yaml'],
	['linux', {XDG_CONFIG_HOME: ''}, '/home/edith', '/home/edith/.config/dms-upgrade/clusters.yaml'],
	[
		'darwin',
		{XDG_CONFIG_HOME: '/etc/edith'},
		'/Users/edith',
		'/Users/edith/Library/Application Support/dms-upgrade/clusters.yaml',
	],
	['win32', {APPDATA: 'D:\\Roaming'}, 'C:\\Users\\edith', 'D:\\Roaming\\dms-upgrade\\clusters.yaml'],
	['win32', {}, 'C:\\Users\\edith', 'C:\\Users\\edith\\AppData\\Roaming\\dms-upgrade\\clusters.yaml'],
	[
		'win32',
		{APPDATA: 'x'},
		'C:\\Users\\edith',
		'C:\\Users\\edith\\AppData\\Roaming\\dms-upgrade\\clusters.yaml',
	],
])('the clusters of a user on %s with %j', (platform, environment, home, file) => {
	expect(defaultClusterFile({platform, environment, home})).toBe(file);
});
