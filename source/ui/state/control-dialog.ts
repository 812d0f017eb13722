import type {Member} from './members.ts';
import type {ControlAct, Dialog} from './update.ts';

const words: Readonly<
	Record<ControlAct, {readonly verb: string; readonly done: string; readonly tone: Dialog['tone']}>
> = {
	start: {verb: 'Start', done: 'started', tone: 'warning'},
	stop: {verb: 'Stop', done: 'stopped', tone: 'danger'},
	restart: {verb: 'Restart', done: 'restarted', tone: 'danger'},
};

/** Asks before DataMiner is started, stopped or restarted on one Agent, and says what that means. */
export function controlDialog(act: ControlAct, member: Member): Dialog {
	const {verb, tone} = words[act];
	return {
		title: `${verb} DataMiner on ${member.id}?`,
		lines: [
			`${member.id} (${member.agent.address}) is now: ${member.standing.word}.`,
			...consequences(act, member),
		],
		tone,
		answers: [
			{key: 'n', label: 'Leave it as it is'},
			{key: 'y', label: `${verb} ${member.id}`, effects: [{do: 'control', agent: member.id, act}]},
		],
	};
}

export function controlDone(act: ControlAct, agent: string): string {
	return `DataMiner was ${words[act].done} on ${agent}.`;
}

/** Source: Failover_FAQ_what_if_DMA_stopped.md, Failover_FAQ_what_if_DMA_restarted.md */
function consequences(act: ControlAct, {agent, view}: Member): readonly string[] {
	if (act === 'start') {
		return ['The DataMiner services start; that takes some minutes.'];
	}

	const until = act === 'stop' ? 'until it is started again' : 'until it runs again, some minutes';
	if (agent.partner === undefined || view.status?.role === undefined) {
		return [`Its elements are not monitored and nobody can connect to it ${until}.`];
	}

	return view.status.role === 'offline'
		? [`It is the offline Agent of a Failover pair: ${agent.partner} has no backup ${until}.`]
		: [
				act === 'stop'
					? `It is an Agent of a Failover pair: ${agent.partner} may take over, by automatic Failover.`
					: `It is an Agent of a Failover pair: ${agent.partner} may take over if this takes too long.`,
				`The pair has no backup ${until}.`,
			];
}
