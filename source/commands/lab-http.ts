import type {LabAgents, LabHttp} from '../lab/lab-settings.ts';
import {UsageError} from './usage-error.ts';

/** Some Agents of a lab, as a flag names them; the lab knows which names there are. Throws a `UsageError`. */
export function labAgentsOf(flag: string, text: string): LabAgents {
	const names = text.split(',').map(name => name.trim());
	if (names.includes('')) {
		throw new UsageError(`${flag} does not say which Agents.`, [
			`Write ${flag} all, ${flag} half, or names: ${flag} DMA-01,DMA-03.`,
		]);
	}

	const [first] = names;
	return names.length === 1 && (first === 'all' || first === 'half') ? first : names;
}

/** What `--http` asks for. Rejects with a `UsageError`. */
export async function labHttpOf(text: string): Promise<LabHttp> {
	const agents = labAgentsOf('--http', text);
	// Loaded where it is wanted: no other practice cluster needs a web framework.
	const {serveOnLabAgent} = await import('./lab-service.ts');
	return {agents, serve: serveOnLabAgent};
}
