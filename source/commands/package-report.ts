import stringWidth from 'string-width';
import type {PackageFacts, PackageKind, PackageProblem, Restarts} from '../domain/package-facts.ts';
import {formatBytes} from '../domain/readiness.ts';
import {fourPartNumber} from '../domain/version.ts';
import type {Verification} from '../package/verify-package.ts';

const columns = 80;
const labelColumn = 16;

const kindNames: Readonly<Record<PackageKind, string>> = {
	full: 'full upgrade',
	web: 'web upgrade',
	cumulative: 'cumulative update',
	tool: 'tool',
	application: 'application, installed and not upgraded to',
	unknown: 'unknown',
};

const restartNames: Readonly<Record<Restarts, string>> = {
	agent: 'the Agent: DataMiner stops and starts again',
	'web-server': 'the web server (IIS); DataMiner goes on running',
	nothing: 'nothing',
	unknown: 'unknown',
};

/** The facts of a package, to be read: one subject below the other, at most 80 columns where words allow it. */
export function formatPackageReport(facts: PackageFacts, verification?: Verification): string {
	const {prerequisites, actions, problems} = facts;
	const lines = [
		facts.file,
		'',
		...row('Kind', [kindNames[facts.kind]]),
		...row('Version', [versionText(facts)]),
		...row('Label', [facts.label]),
		...row('Description', [facts.description ?? 'none']),
		...row('Size', [`${formatBytes(facts.size)}, unpacked ${formatBytes(facts.unpackedSize)}`]),
		...row('Restarts', [restartNames[facts.restarts]]),
		...row('Prerequisites', [
			prerequisites.length === 0
				? 'none'
				: `${prerequisites.length}, ${facts.executor ? 'with' : 'without'} the program that runs them`,
			list(prerequisites),
		]),
		...row('Actions', [actions.length === 0 ? 'none' : `${actions.length}, in this order`, list(actions)]),
		...(verification ? row('Verified', verifiedText(verification)) : []),
		...row('Problems', [problems.length === 0 ? 'none' : `${problems.length}`]),
		...problems.flatMap(problemLines),
	];
	return `${lines.join('\n')}\n`;
}

function verifiedText({sha256, entries, unverified, bytes, problems}: Verification): string[] {
	const sound = unverified === 0 && !problems.some(({severity}) => severity === 'block');
	return [
		sound
			? `all ${entries} entries, ${formatBytes(bytes)}: every checksum is right`
			: `no: ${entries} of ${entries + unverified} entries are as they should be; see the problems`,
		'SHA-256 of the file:',
		sha256,
	];
}

function versionText({version}: PackageFacts): string {
	if (!version) {
		return 'not in its name';
	}

	const {cu, build, hotfix} = version;
	return [
		`${fourPartNumber(version)}${cu === undefined ? '' : ` CU${cu}`}`,
		...(build === undefined ? [] : [`build ${build}`]),
		...(hotfix ? ['hotfix'] : []),
		'by its name',
	].join(', ');
}

/** Blanks inside a name do not divide it: a line is not broken there. */
function list(names: readonly string[]): string {
	return names.map(name => name.replaceAll(' ', '\u00A0')).join(', ');
}

function row(label: string, paragraphs: readonly string[]): string[] {
	return paragraphs
		.filter(paragraph => paragraph !== '')
		.flatMap(paragraph => wrap(paragraph, columns - labelColumn))
		.map((line, index) => (index === 0 ? label : '').padEnd(labelColumn) + line);
}

function problemLines({severity, code, message}: PackageProblem): string[] {
	const indent = ' '.repeat(9);
	return [
		'',
		`  ${severity.padEnd(7)}${code}`,
		...wrap(message, columns - indent.length).map(line => indent + line),
	];
}

/** Breaks at blanks; a word that is wider than a line stands alone and sticks out, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && stringWidth(`${line} ${word}`) > width) {
			lines.push(line);
			line = word;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}

	return [...lines, line].map(finished => finished.replaceAll('\u00A0', ' '));
}
