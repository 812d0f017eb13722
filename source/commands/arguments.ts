import meow from 'meow';
import {type Bandwidth, formatBandwidth, leastBandwidth, parseBandwidth} from '../domain/bandwidth.ts';
import {type FailoverPolicy, failoverPolicyInfos, isFailoverPolicy} from '../domain/failover-policy.ts';
import {type LaunchWay, isLaunchWay, launchWays} from '../domain/launch.ts';
import {
	type UpgradeOptions,
	defaultUpgradeOptions,
	isUpgradeOptionName,
	upgradeOptionInfos,
} from '../domain/upgrade-options.ts';
import {defaultLabAgents, flagNames, flags} from './flags.ts';
import type {LabProcessOptions} from './lab-process.ts';
import {UsageError} from './usage-error.ts';
import {usage} from './usage.ts';

export type Arguments = ReturnType<typeof parseArguments>;

/** Splits the command line. Rejects with a `UsageError` what no command knows. */
export function parseArguments(argv: readonly string[]) {
	const parsed = meow(usage, {
		importMeta: import.meta,
		// The package file is not looked for: the version is compiled in.
		pkg: {},
		argv: argv.map(argument => (argument === '--lab' ? `--lab=${defaultLabAgents}` : argument)),
		autoHelp: false,
		autoVersion: false,
		flags,
	});
	for (const name of Object.keys(parsed.flags)) {
		if (!flagNames.includes(name)) {
			throw new UsageError(`There is no flag --${name}.`);
		}
	}

	return {command: parsed.input[0], input: parsed.input.slice(1), flags: parsed.flags};
}

/** The value of a flag that takes a whole number; undefined where it is not given. */
export function wholeNumber(flag: string, text: string | undefined, {min, max}: {min: number; max: number}) {
	if (text === undefined) {
		return undefined;
	}

	const value = Number(text);
	if (!/^\d+$/.test(text) || value < min || value > max) {
		throw new UsageError(`--${flag} ${text} is not a whole number from ${min} to ${max}.`);
	}

	return value;
}

/** What `--lab`, `--pairs`, `--speed`, `--fault`, `--software` and `--http` ask for; undefined without `--lab`. */
export function labOptionsOf(given: Arguments['flags']): LabProcessOptions | undefined {
	const agents = wholeNumber('lab', given.lab, {min: 1, max: 200});
	if (agents === undefined) {
		return undefined;
	}

	const pairs = wholeNumber('pairs', given.pairs, {min: 0, max: 100});
	const speed = wholeNumber('speed', given.speed, {min: 1, max: 10_000});
	const linger = wholeNumber('linger', given.linger, {min: 0, max: 86_400});
	return {
		agents,
		faults: given.fault ?? [],
		...(pairs !== undefined && {pairs}),
		...(speed !== undefined && {speed}),
		...(linger !== undefined && {linger}),
		...(given.software !== undefined && {software: given.software}),
		...(given.http !== undefined && {http: given.http}),
	};
}

export function upgradeOptionsOf(settings: readonly string[]): UpgradeOptions {
	const options: Record<string, boolean> = {};
	for (const setting of settings) {
		const [name = '', value] = setting.split('=');
		if (!isUpgradeOptionName(name) || (value !== 'true' && value !== 'false')) {
			throw new UsageError(`--option ${setting} is no upgrade option.`, [
				`Write NAME=true or NAME=false, where NAME is ${upgradeOptionInfos.map(info => info.name).join(', ')}.`,
			]);
		}

		options[name] = value === 'true';
	}

	return {...defaultUpgradeOptions, ...options};
}

export function failoverPolicyOf(text: string | undefined): FailoverPolicy {
	const policy = text ?? 'UseDefault';
	if (!isFailoverPolicy(policy)) {
		throw new UsageError(`--failover-policy ${policy} is no policy.`, [
			`Choose among ${failoverPolicyInfos.map(info => info.policy).join(', ')}.`,
		]);
	}

	return policy;
}

export function launchWayOf(text: string | undefined): LaunchWay {
	const way = text ?? 'agents';
	if (!isLaunchWay(way)) {
		throw new UsageError(`--launch ${way} is no way to launch.`, [`Choose among ${launchWays.join(', ')}.`]);
	}

	return way;
}

/** Undefined without `--bandwidth`. */
export function bandwidthOf(text: string | undefined): Bandwidth | undefined {
	const bandwidth = text === undefined ? undefined : parseBandwidth(text);
	if (text !== undefined && bandwidth === undefined) {
		throw new UsageError(`--bandwidth ${text} is no bandwidth.`, [
			`Write bytes per second such as 20M or 500K, or bits such as 100Mbit; at least ${formatBandwidth(leastBandwidth)}.`,
		]);
	}

	return bandwidth;
}
