import type {PackageProblem} from '../domain/package-facts.ts';
import {visibleText} from '../domain/text.ts';
import type {ArchiveEntry} from './archive-entry.ts';
import type {ArchiveError} from './archive-error.ts';

/** More entries than these with the same trouble are counted only. */
const mostNamed = 20;

interface Checked {
	readonly job: {readonly entry: ArchiveEntry};
	readonly contradictions: readonly string[];
	readonly damage?: ArchiveError;
}

/** Each entry whose content is not what the directory says, by name. */
export function damageProblems(results: readonly Checked[]): PackageProblem[] {
	const damaged = results.flatMap(({job, damage}) => (damage ? [{entry: job.entry, damage}] : []));
	return [
		...damaged.slice(0, mostNamed).map(({entry, damage}): PackageProblem => ({
			code: 'ENTRY_DAMAGED',
			severity: 'block',
			message: `${named(entry)} is damaged: ${visibleText(damage.message, 300)}. Download the package again.`,
		})),
		...rest('ENTRY_DAMAGED', 'block', damaged.length, 'are damaged'),
	];
}

/** Each entry of which the package says two things. */
export function contradictionProblems(results: readonly Checked[]): PackageProblem[] {
	const found = results.filter(({contradictions}) => contradictions.length > 0);
	// Flags and what follows the content change nothing for those who believe the directory, as all but streams do.
	const harmless = (contradiction: string) => contradiction === 'flags' || contradiction === 'trailer';
	const [blocking, warning] = [
		found.filter(({contradictions}) => !contradictions.every(harmless)),
		found.filter(({contradictions}) => contradictions.every(harmless)),
	];
	return [...contradicting(blocking, 'block'), ...contradicting(warning, 'warn')];
}

function contradicting(found: readonly Checked[], severity: 'block' | 'warn'): PackageProblem[] {
	return [
		...found.slice(0, mostNamed).map(({job, contradictions}): PackageProblem => ({
			code: 'ENTRY_CONTRADICTS_ITSELF',
			severity,
			message: `${named(job.entry)} is described in two places, which contradict each other (${contradictions.join(', ')}): what it unpacks to may depend on the program that unpacks.`,
		})),
		...rest('ENTRY_CONTRADICTS_ITSELF', severity, found.length, 'contradict themselves'),
	];
}

function rest(code: string, severity: 'block' | 'warn', count: number, trouble: string): PackageProblem[] {
	return count > mostNamed
		? [{code, severity, message: `${count - mostNamed} more entries ${trouble}.`}]
		: [];
}

function named({name}: ArchiveEntry): string {
	return `"${visibleText(name, 200)}"`;
}
