import type {Agent} from '../../domain/agent.ts';
import {formatBytes} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {formatVersion} from '../../domain/version.ts';
import {wrap} from '../components/fit.ts';
import type {Span} from '../components/spans.ts';
import {durationText} from '../state/duration.ts';
import type {Member} from '../state/members.ts';
import type {Glyphs} from '../theme/glyphs.ts';
import type {Role} from '../theme/theme.ts';

type Lines = readonly (readonly Span[])[];

const labelWidth = 10;

/** What is known of one Agent, as lines of at most `width` columns. */
export function memberDetails(member: Member, now: number, width: number, glyphs: Glyphs): Lines {
	const {agent, view, standing} = member;
	const {status, dataMinerId, asOf, failure} = view;
	const field = (label: string, value: string, role: Role = 'text'): Lines =>
		wrap(visibleText(value, 300), width - labelWidth, glyphs).map((line, index) => [
			['muted', (index === 0 ? label : '').padEnd(labelWidth)],
			[role, line],
		]);
	return [
		[['title', 'AGENT INFO']],
		...field('ID', dataMinerId === undefined ? glyphs.dash : String(dataMinerId)),
		...field('Name', agent.id),
		...field('Address', agent.address),
		...field('Reached', reachedText(agent)),
		...(agent.route?.via ?? []).flatMap((hop, index) => field(index === 0 ? 'Through' : '', hop)),
		...field('State', `${glyphs[standing.mark]} ${standing.word}`, standing.role),
		...field('Version', status?.version ? formatVersion(status.version) : status ? 'unknown' : glyphs.dash),
		...(agent.partner === undefined
			? []
			: [...field('Failover', status?.role ?? 'unknown'), ...field('Partner', agent.partner)]),
		...field('Free disk', status?.freeBytes === undefined ? glyphs.dash : formatBytes(status.freeBytes)),
		...field('As of', asOf === undefined ? glyphs.dash : ageText(now - asOf)),
		...(status?.upgradeInProgress === undefined
			? []
			: [[], ...block(`Upgrade going on: ${status.upgradeInProgress}`, 'accent', `${glyphs.changing} `)]),
		...(failure
			? [
					[],
					...block(failure.message, 'bad', `${glyphs.failed} `),
					...failure.nextSteps.flatMap(step => block(step, 'text', `${glyphs.arrow} `)),
				]
			: []),
	];

	function block(text: string, role: Role, mark: string): Lines {
		return wrap(visibleText(text, 600), width - 3, glyphs).map((line, index) => [
			[role, `${index === 0 ? mark.padEnd(3) : '   '}${line}`],
		]);
	}
}

/** `over SSH as Administrator, at 10.4.2.91 port 22`; the host only where it is not the address of the Agent. */
function reachedText({address, reachedBy = 'SSH', route}: Agent): string {
	const user = route?.user === undefined ? '' : ` as ${route.user}`;
	const place = route ? `, ${route.host === address ? '' : `at ${route.host} `}port ${route.port}` : '';
	return `over ${reachedBy}${user}${place}`;
}

/** `now`, or how long ago. */
function ageText(age: number): string {
	return age < 2000 ? 'now' : `${durationText(age)} ago`;
}
