import {agentPaths} from './agent-paths.ts';
import type {AgentSoftware} from './agent-software.ts';
import type {Services} from './services.ts';
import type {WindowsDrive} from './windows-drive.ts';

const runtimes = String.raw`C:\Program Files\dotnet\shared\Microsoft.AspNetCore.App`;

/** Puts on a server what is its own: runtimes, services, and settings over those that every Agent has. */
export async function installSoftware(
	drive: WindowsDrive,
	services: Services,
	{aspNetCore, services: standing, files}: AgentSoftware,
): Promise<void> {
	for (const version of aspNetCore) {
		await drive.makeFolder(`${runtimes}\\${version}`);
	}

	for (const [name, state] of Object.entries(standing)) {
		services.install(name, state);
	}

	for (const [path, content] of Object.entries(files)) {
		const file = `${agentPaths.root}\\${path.replaceAll('/', '\\')}`;
		await (content === null ? drive.remove(file) : drive.writeFile(file, content));
	}
}
