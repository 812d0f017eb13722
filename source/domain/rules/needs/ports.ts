import {type PortAnswer, clusterPorts} from '../../agent-survey.ts';
import {formatDuration} from '../../format-duration.ts';
import {type AgentNeed, type NeedAnswer, type NeedFacts, broken, kept, unknown} from './need.ts';
import {judgeBrokerGateway} from './system.ts';

type Need<Kind extends AgentNeed['kind']> = Extract<AgentNeed, {kind: Kind}>;

/** Source: VerifyClusterPorts.dmupgrade.md */
export const portCheckGoodForMs = 10 * 24 * 60 * 60 * 1000;

/** A clock that was set since then, or could not be asked, may be off by so much. */
const clocksMayDiffer = 60 * 60 * 1000;

export function judgePortCheck({required}: Need<'port-check'>, facts: NeedFacts): NeedAnswer {
	const silent = (tried(facts) ?? []).filter(({answer}) => answer === 'silent');
	const last = lastCheck(facts);
	if (required && last.is !== 'kept') {
		return last.is === 'unknown' ? unknown(last.evidence) : broken(last.evidence);
	}

	if (silent.length > 0) {
		// The package's own prerequisite, which opens listeners of its own, has the last word.
		return broken(`No answer from ${described(silent)}. ${last.evidence}`, 'warn');
	}

	return last.is === 'kept' || last.is === 'failed'
		? last.is === 'kept'
			? kept(last.evidence)
			: broken(last.evidence, 'warn')
		: byTrying(facts, last.evidence);
}

interface LastCheck {
	/** *old*: there is none that counts. */
	readonly is: 'kept' | 'failed' | 'old' | 'unknown';
	readonly evidence: string;
}

function lastCheck({survey: {portCheck, clock}, now}: NeedFacts): LastCheck {
	if (portCheck === undefined) {
		return {is: 'unknown', evidence: 'The result of the last port check could not be read.'};
	}

	if (portCheck === 'never') {
		return {is: 'old', evidence: 'No result of a port check is stored there.'};
	}

	// The result bears the time of the Agent's own clock.
	const sinceThen = now + (clock?.aheadMs ?? 0) - portCheck.at;
	if (sinceThen < -clocksMayDiffer) {
		return {is: 'unknown', evidence: 'The result of the last port check bears a time that has not come yet.'};
	}

	const age = Math.max(0, sinceThen);
	const when = `The last port check was ${formatDuration(age)} ago`;
	return age > portCheckGoodForMs
		? {is: 'old', evidence: `${when}; it counts for ${formatDuration(portCheckGoodForMs)} only.`}
		: portCheck.passed
			? {is: 'kept', evidence: `${when}, and passed.`}
			: // What was wrong then may have been mended since.
				{is: 'failed', evidence: `${when}, and failed.`};
}

/** Where every port answers, nothing is in the way; one on which nothing listens tells neither yes nor no. */
function byTrying(facts: NeedFacts, otherwise: string): NeedAnswer {
	const answers = tried(facts);
	if (answers === undefined) {
		return unknown(`${otherwise} The ports could not be tried.`);
	}

	const refused = answers.filter(({answer}) => answer === 'refused');
	return answers.length === 0
		? facts.nodes === 1
			? kept('There is no other Agent.')
			: unknown(`${otherwise} There was no address to try the ports of.`)
		: refused.length > 0
			? unknown(`${otherwise} Nothing listens on ${described(refused)}, so that the way there is not known.`)
			: kept(`All ports of the others answer. ${otherwise}`);
}

/** The answers that matter for NATS: its account server is gone with BrokerGateway. */
function tried(facts: NeedFacts): readonly PortAnswer[] | undefined {
	const {nats, natsCluster, natsAccounts} = clusterPorts;
	const ports: number[] = [
		nats,
		...((facts.nodes ?? 3) > 2 ? [natsCluster] : []),
		...(judgeBrokerGateway(facts).is === 'kept' ? [] : [natsAccounts]),
	];
	return facts.survey.ports?.filter(({port}) => ports.includes(port));
}

export function judgeHttpsPort({survey: {ports}, nodes}: NeedFacts): NeedAnswer {
	const answers = ports?.filter(({port}) => port === clusterPorts.https);
	if (answers === undefined || (answers.length === 0 && nodes !== 1)) {
		return unknown(`Port ${clusterPorts.https} of the other Agents could not be tried.`);
	}

	const wrong = answers.filter(({answer}) => answer !== 'open');
	return wrong.length > 0
		? broken(`No connection to ${described(wrong)}.`)
		: kept(answers.length === 0 ? 'There is no other Agent.' : 'All others answer.');
}

const mostNamed = 6;

function described(answers: readonly PortAnswer[]): string {
	const names = answers.slice(0, mostNamed).map(({address, port}) => `${address}:${port}`);
	const more = answers.length - names.length;
	return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
