import {type ZipSpec, zipBytes} from './zip-bytes.ts';

/** The sample of UpdateContent.txt in short. */
export const fullActions = [
	'Lock',
	'Disable',
	'Kill',
	'IIS Stop',
	'Update Files',
	'Update Root',
	'IIS Start',
	'Start',
];

export const executorFile = 'Prerequisites/executor/StandaloneBpaExecutor.exe';

/** The inside of an Update.zip with everything that a full upgrade has. */
export const fullContent: ZipSpec = {
	'UpdateContent.txt': fullActions.join('\r\n'),
	'Prerequisites/VerifyClusterPorts.dll': 'ports',
	'Prerequisites/VerifyOSVersion.dll': 'os',
	[executorFile]: 'executor',
	'Files/SLNet.exe': 'x'.repeat(5000),
};

export function without(files: ZipSpec, name: string): ZipSpec {
	return Object.fromEntries(Object.entries(files).filter(([known]) => known !== name));
}

export interface PackageSpec {
	readonly inner?: ZipSpec | Buffer;
	readonly updateZip?: 'stored' | 'deflated';
	/** Beside the Update.zip. */
	readonly outer?: ZipSpec;
}

export async function packageBytes({
	inner = fullContent,
	updateZip = 'stored',
	outer = {'Description.txt': 'DataMiner Upgrade (Full)', 'SLUpgrade.dll': 'engine'},
}: PackageSpec = {}): Promise<Buffer> {
	const content = Buffer.isBuffer(inner) ? inner : await zipBytes(inner);
	return zipBytes({...outer, 'Update.zip': {content, stored: updateZip === 'stored'}});
}

export const fullName = 'DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade';
