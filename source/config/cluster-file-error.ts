import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {type FileProblem, type TextPlace, inOrder} from './yaml-problem.ts';

const mostTold = 8;

/** The file with the clusters cannot be used. */
export class ClusterFileError extends UserError {
	readonly code = 'CLUSTER_FILE';
	override readonly exitCode = exitCodes.wrongUse;
	/** In the order of the file; there is at least one. */
	readonly problems: readonly FileProblem[];
	readonly nextSteps: readonly string[];

	constructor(
		readonly file: string,
		problems: readonly FileProblem[],
		options?: ErrorOptions,
	) {
		const sorted = inOrder(problems);
		const [first, ...others] = sorted;
		super(
			`${visibleText(file, 300)}${first?.place ? `, ${placeText(first.place)}` : ' cannot be used'}: ${first?.cause ?? 'it is not what it should be'}.`,
			options,
		);
		this.problems = sorted;
		const left = others.length - mostTold;
		this.nextSteps = [
			...(first ? [first.remedy] : []),
			...others
				.slice(0, mostTold)
				.map(({place, cause, remedy}) => `Also${place ? ` ${placeText(place)}` : ''}: ${cause}. ${remedy}`),
			...(left > 0 ? [`And ${left} more of that kind.`] : []),
		];
	}
}

function placeText({line, column}: TextPlace): string {
	return `line ${line}, column ${column}`;
}
