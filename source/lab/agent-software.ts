import * as z from 'zod';
import {visibleText} from '../domain/text.ts';
import {LabSettingError} from './lab-errors.ts';

/** Paths below `C:\Skyline DataMiner`, with either slash. */
const settingsPath = z
	.string()
	.max(200)
	.regex(/^[^\\/:*?"<>|][^:*?"<>|]*$/, 'a path below C:\\Skyline DataMiner is expected');

const version = z
	.string()
	.regex(/^\d{1,5}(?:\.\d{1,6}){0,4}$/, 'a version such as 14.44.35211.0 is expected');

const mostSeconds = 10 ** 8;

/** What is on one server. What is left out is as it should be for an upgrade. */
const agentSoftware = z.strictObject({
	/** As VersionHistory.txt writes it: `10.5.12.0(CU2)-16797-20260112-release`. Without it: that of the lab. */
	version: z.string().min(1).max(100).optional(),
	/** Without it: the name of the Agent. */
	computerName: z
		.string()
		.regex(/^[\w-]{1,63}$/)
		.optional(),
	/** `build` tells one Windows from another: 20348 is Server 2022. */
	windows: z
		.strictObject({
			name: z.string().min(1).max(100),
			build: z.int().min(1000).max(999_999),
			server: z.boolean(),
		})
		.default({name: 'Windows Server 2022 Standard', build: 20_348, server: true}),
	/** The number of the .NET Framework; 528040 and above is 4.8. `null`: none. */
	dotNetFramework: z.int().min(1).max(9_999_999).nullable().default(528_449),
	/** Versions of the ASP.NET Core runtime. */
	aspNetCore: z.array(version).max(50).default(['8.0.22', '10.0.1']),
	/** The Visual C++ redistributable; `null`: none. */
	visualCpp: z
		.strictObject({x64: version.nullable(), x86: version.nullable()})
		.default({x64: '14.44.35211.0', x86: '14.44.35211.0'}),
	/** The policy "Use FIPS compliant algorithms". */
	fips: z.boolean().default(false),
	/** Why Windows waits for a reboot. */
	pendingReboot: z.array(z.enum(['components', 'updates', 'dataminer-files', 'files'])).default([]),
	/** Ports of this server that its firewall lets no other server through to. */
	blockedPorts: z.array(z.int().min(1).max(65_535)).max(100).default([]),
	/** Services beside those of every server of the lab, or that are not there or do not run here. */
	services: z.record(z.string().min(1).max(200), z.enum(['running', 'stopped', 'missing'])).default({}),
	/** Files of DataMiner: their text; `null` for a file that is not there. */
	files: z
		.record(
			settingsPath,
			z
				.string()
				.max(1024 * 1024)
				.nullable(),
		)
		.default({}),
	/** In which its console programs write. */
	codePage: z
		.union([
			z.literal(437),
			z.literal(850),
			z.literal(852),
			z.literal(866),
			z.literal(1252),
			z.literal(65_001),
		])
		.default(65_001),
	/** How far the clock is ahead, in seconds; negative where it is behind. */
	clockAhead: z.number().min(-mostSeconds).max(mostSeconds).default(0),
});

export type AgentSoftware = z.output<typeof agentSoftware>;

/** By the name of the Agent. */
const clusterSoftware = z.record(z.string(), agentSoftware);
/** Whatever differs from a well-kept server, by the name of the Agent. */
export type ClusterSoftware = z.input<typeof clusterSoftware>;

/** Answers what is on an Agent, by its name. Throws a `LabSettingError`. */
export function readClusterSoftware(
	content: unknown,
	agents: readonly string[],
): (agent: string) => AgentSoftware {
	const {data, error} = clusterSoftware.safeParse(content);
	if (!data) {
		const [issue] = error.issues;
		const place = z.core.toDotPath(issue?.path ?? []);
		throw new LabSettingError(
			`its software cannot be used at “${visibleText(place, 200)}”: ${visibleText(issue?.message ?? '', 300)}`,
		);
	}

	const strangers = Object.keys(data).filter(name => !agents.includes(name));
	if (strangers.length > 0) {
		throw new LabSettingError(
			`software is given for ${visibleText(strangers.join(', '), 200)}, which it does not have`,
		);
	}

	return agent => data[agent] ?? agentSoftware.parse({});
}
