import type {AgentSurvey, Permission} from '../agent-survey.ts';
import type {PackageFacts} from '../package-facts.ts';
import type {UpgradePlan} from '../plan.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/**
 * Whether the one who looks may do what is planned; nothing where the way to the Agent sets no limits. Prerequisites are
 * programs that run on the Agent: for them one has to be allowed to upgrade.
 */
export function permission(
	{permission: held}: AgentSurvey,
	{prerequisites}: PackageFacts,
	goal: UpgradePlan['goal'] | undefined,
): ReadinessCheck | undefined {
	if (held === undefined) {
		return undefined;
	}

	const isEnoughToUpload = held === 'upgrade' || (held === 'upload' && prerequisites.length === 0);
	const outcome =
		held === 'upgrade' || (goal === 'upload' && isEnoughToUpload)
			? 'pass'
			: goal === undefined && isEnoughToUpload
				? 'warn'
				: 'block';
	const needed: Permission = goal === 'upload' && prerequisites.length === 0 ? 'upload' : 'upgrade';
	return {
		id: 'permission',
		title: 'What the token allows',
		outcome,
		evidence: outcome === 'pass' ? `“${held}”.` : limits[held],
		remedy:
			outcome === 'pass'
				? ''
				: `Make a stronger one on this Agent: dms-upgrade serve token --scope ${needed}. Put it in the place of this one, or start dms-upgrade again if it asked for it.`,
		source: 'dms-upgrade',
	};
}

const limits: Readonly<Record<Permission, string>> = {
	read: '“read”: to look, and to change nothing.',
	upload: '“upload”: to bring packages, but neither to run their prerequisites nor to upgrade.',
	upgrade: '“upgrade”: everything.',
};
