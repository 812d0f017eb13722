import {assumedDefaultPolicy, failoverPolicyInfos} from '../../domain/failover-policy.ts';
import {launchWayInfos} from '../../domain/launch.ts';
import {visibleText} from '../../domain/text.ts';
import {upgradeOptionInfos} from '../../domain/upgrade-options.ts';
import {policyRefusal} from '../state/schedule.ts';
import type {FormRow} from '../state/schedule-form.ts';
import {findingWords} from '../state/schedule-readiness.ts';
import {listingRefusal, policyWords, startRefusal} from '../state/schedule-start.ts';
import type {ScheduleState} from '../state/schedule-state.ts';
import type {UpdateContext} from '../state/update.ts';
import {stepAgents} from '../state/wave-words.ts';

/** What the row under the cursor means, or what to do about it. */
export function hintOf(
	row: FormRow | undefined,
	state: ScheduleState,
	context: Pick<UpdateContext, 'data' | 'now'>,
): string {
	const {data} = context;
	switch (row?.kind) {
		case 'package':
			return listingRefusal(data, row.listing.path) ?? visibleText(row.listing.path);
		case 'new-package':
			return 'A .dmupgrade file on this computer. It is uploaded to every Agent from here.';
		case 'all-agents':
			return 'All Agents of a cluster must run the same version.';
		case 'individual-agents':
			return 'Marks say which Agents. The two Agents of a Failover pair are marked together.';
		case 'member':
			return row.agents.length > 1 ? 'A Failover pair: both Agents are upgraded.' : '';
		case 'options':
		case 'failover':
			return 'Enter opens and folds this section.';
		case 'option':
			return upgradeOptionInfos.find(({name}) => name === row.name)?.meaning ?? '';
		case 'policy': {
			const refusal = policyRefusal(row.policy, state, data);
			const advice = failoverPolicyInfos.find(({policy}) => policy === row.policy)?.advice ?? '';
			if (refusal !== undefined) {
				return `${refusal} ${data.switchOverRefusal?.nextSteps[0] ?? ''} Or let one Agent launch the whole cluster.`;
			}

			// The plan is made with it, since nothing tells us what the cluster's own default is.
			return row.policy === 'UseDefault'
				? `${advice} It is not known here: ${policyWords[assumedDefaultPolicy]} is assumed.`
				: advice;
		}

		case 'launch':
			return launchWayInfos.find(({way}) => way === row.way)?.meaning ?? '';
		case 'step':
			return visibleText(stepAgents(row.step, 40));
		case 'finding':
			return visibleText(`${findingWords(row.finding)} ${row.finding.check.remedy}`);
		case 'manual':
			return 'What nobody but you can see. Enter opens and folds this section.';
		case 'manual-item':
			return `${row.item.summary} ${row.item.remedy}`;
		case 'button':
			return buttonHint(row.button, state, context);
		default:
			return '';
	}
}

function buttonHint(
	button: Extract<FormRow, {kind: 'button'}>['button'],
	state: ScheduleState,
	context: Pick<UpdateContext, 'data' | 'now'>,
): string {
	switch (button) {
		case 'upload':
			return (
				startRefusal(state, context, 'upload') ??
				'Uploads the package and runs its prerequisites on each Agent. Restarts nothing.'
			);
		case 'upgrade':
			return startRefusal(state, context, 'upgrade') ?? 'Upgrades the Agents as the plan says. Asks first.';
		case 'close':
			return 'Back to Agents › Manage. What was chosen here stays.';
	}
}
