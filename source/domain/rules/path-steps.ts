import {type Version, compareVersions, formatVersion, parseVersion} from '../version.ts';
import {rules} from './all-rules.ts';
import {directionOf, isFeatureToMainOfSameMajor} from './direction.ts';
import {majorStops} from './majors.ts';
import {type Jump, concerns, needsAction} from './match-rule.ts';

/** One thing to do, in order: install a version on all Agents, or something that people must do around it. */
export interface PathStep {
	readonly kind: 'upgrade' | 'action';
	/** Of an upgrade step, in the form of the documents: `10.5.0 [CU18]`. */
	readonly version?: string;
	readonly text: string;
}

/** One package on the way, and why it is. */
export interface Leg extends Jump {
	/** Missing for the last one, which is what was asked for. */
	readonly reason?: string;
}

interface Stop {
	readonly version: Version;
	readonly reason: string;
}

/** Why the Main Release of a major is a stop. */
function latestOfMajor({cu}: Version): string {
	return cu === undefined
		? 'Take the latest cumulative update of this major.'
		: 'It is the latest cumulative update of its major that is known here; a later one is as good.';
}

/** The packages between two versions, the last one that of `to`. None from a version to itself or to a refused one. */
export function legsBetween({from, to}: Jump): Leg[] {
	switch (directionOf(from, to)) {
		case 'same':
			return [];
		case 'down':
			return legsOver(
				from,
				majorStops(from, to).map(version => ({version, reason: 'Go back one major at a time.'})),
				to,
			);
		case 'up':
			return isFeatureToMainOfSameMajor(from, to) ? [] : legsOver(from, stopsUpwards({from, to}), to);
	}
}

function legsOver(from: Version, stops: readonly Stop[], to: Version): Leg[] {
	const starts = [from, ...stops.map(({version}) => version)];
	return starts.map((start, index) => {
		const stop = stops[index];
		return stop ? {from: start, to: stop.version, reason: stop.reason} : {from: start, to};
	});
}

function stopsUpwards(jump: Jump): Stop[] {
	const stop = nextStop(jump);
	return stop ? [stop, ...stopsUpwards({from: stop.version, to: jump.to})] : [];
}

/** The nearest of the stops that rules ask for: each lies above `from` and below `to`, so that there is an end. */
function nextStop(jump: Jump): Stop | undefined {
	const [major] = majorStops(jump.from, jump.to);
	const stops = [
		...rules
			.filter(rule => rule.stops && concerns(rule, jump) !== 'outside')
			.map(({stops, summary}) => ({version: firstUsable(stops ?? [], jump), reason: summary})),
		{version: major, reason: major ? latestOfMajor(major) : ''},
	].filter((stop): stop is Stop => stop.version !== undefined);
	return stops.toSorted((a, b) => compareVersions(a.version, b.version) ?? 0)[0];
}

function firstUsable(stops: readonly string[], {from, to}: Jump): Version | undefined {
	return stops
		.map(stop => parseVersion(stop))
		.find(stop => stop !== undefined && leadsUp(from, stop) && leadsUp(stop, to));
}

function leadsUp(from: Version, to: Version): boolean {
	return directionOf(from, to) === 'up' && !isFeatureToMainOfSameMajor(from, to);
}

/** Legs as steps, where asked for with the acts that rules demand before or after one of them. */
export function stepsOf(legs: readonly Leg[], {acts}: {readonly acts: boolean}): PathStep[] {
	return legs.flatMap(leg => {
		const version = formatVersion(leg.to);
		const verb = directionOf(leg.from, leg.to) === 'down' ? 'Go back' : 'Upgrade';
		return [
			...(acts ? actionsOf(leg, 'before') : []),
			{
				kind: 'upgrade' as const,
				version,
				text: `${verb} to ${version}.${leg.reason === undefined ? '' : ` ${leg.reason}`}`,
			},
			...(acts ? actionsOf(leg, 'after') : []),
		];
	});
}

function actionsOf(leg: Leg, at: 'before' | 'after'): PathStep[] {
	return rules
		.filter(rule => rule.action?.at === at && needsAction(rule, leg))
		.map(rule => ({kind: 'action', text: rule.action?.text ?? rule.remedy}));
}
