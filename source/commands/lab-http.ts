import type {LabHttp} from '../lab/lab-settings.ts';
import {UsageError} from './usage-error.ts';

/** What `--http` asks for; the lab knows which names there are. Rejects with a `UsageError`. */
export async function labHttpOf(text: string): Promise<LabHttp> {
	const names = text.split(',').map(name => name.trim());
	if (names.includes('')) {
		throw new UsageError('--http does not say which Agents have the HTTP service.', [
			'Write --http all, --http half, or names: --http DMA-01,DMA-03.',
		]);
	}

	// Loaded where it is wanted: no other practice cluster needs a web framework.
	const {serveOnLabAgent} = await import('./lab-service.ts');
	const [first] = names;
	return {
		agents: names.length === 1 && (first === 'all' || first === 'half') ? first : names,
		serve: serveOnLabAgent,
	};
}
