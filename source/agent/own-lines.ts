import type {AgentContext} from './agent-context.ts';
import {parseDmsXml} from './dms-xml.ts';
import {decodeText} from './file-text.ts';
import {orUnknown} from './or-unknown.ts';

/**
 * Tells the lines of a `progress.log` that are about its own Agent from those of others: an Agent that leads the
 * upgrade of a cluster writes down what the others report to it, and an ending of theirs is none of its own.
 * Source: General_Feature_Release_10.6.6.md (RN 45312)
 */
export class OwnLines {
	readonly #others: ReadonlySet<string>;
	#own = true;

	constructor(others: Iterable<string>) {
		this.#others = new Set(others);
	}

	/** Lines have to be given in order: one without an address goes on with the line before it. */
	isOwn(about: string | undefined): boolean {
		if (about !== undefined) {
			this.#own = !this.#others.has(about);
		}

		return this.#own;
	}
}

/** Where it is not known which address is the Agent's own, every line counts as its own. */
export async function ownLinesOf({machine, paths}: AgentContext): Promise<OwnLines> {
	const content = await orUnknown(machine.readFile(paths.dmsXml));
	const {members = [], ownAddress} = (content && parseDmsXml(decodeText(content))) ?? {};
	return new OwnLines(ownAddress === undefined ? [] : members.filter(member => member !== ownAddress));
}
