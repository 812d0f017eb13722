import type ssh2 from 'ssh2';
import type {BaseAgent, ParsedKey, SignCallback, SigningRequestOptions} from 'ssh2';

export type Ssh2 = typeof ssh2;

/** Answers of an ssh-agent are waited for so long; signing may wait for a person who confirms it. */
const listLimitMs = 10_000;
const signLimitMs = 60_000;

/** A key that an ssh-agent holds and signs with. */
export interface AgentKey {
	readonly publicKey: ParsedKey;
	/** Which way ssh2 is told to log in with this key, and no other. */
	readonly signer: BaseAgent;
}

/**
 * The keys of the ssh-agent behind a socket (on Windows a named pipe, or `pageant`), in its order; those of kinds that
 * ssh2 does not know are left out. Rejects where the agent does not answer.
 */
export async function listAgentKeys(ssh2: Ssh2, socket: string): Promise<readonly AgentKey[]> {
	const agent = ssh2.createAgent(socket);
	const keys = await new Promise<readonly unknown[]>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error('it does not answer')), listLimitMs);
		agent.getIdentities((error, found) => {
			clearTimeout(timer);
			if (error) {
				reject(error);
			} else {
				resolve(found ?? []);
			}
		});
	});
	return keys.flatMap(found => {
		const key = ssh2.utils.parseKey(found as ParsedKey);
		return key instanceof Error
			? []
			: [{publicKey: key, signer: keySigner(ssh2, key, (data, options) => sign(agent, key, data, options))}];
	});
}

function sign(
	agent: BaseAgent,
	key: ParsedKey,
	data: Buffer,
	options: SigningRequestOptions,
): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error('it does not sign')), signLimitMs);
		agent.sign(key, data, options, (error, signature) => {
			clearTimeout(timer);
			if (error || !signature) {
				reject(error ?? new Error('it does not sign'));
			} else {
				resolve(signature);
			}
		});
	});
}

/** An agent of one key. It is how ssh2 lets a signature take its time. */
export function keySigner(
	{BaseAgent: Base}: Ssh2,
	publicKey: ParsedKey,
	signData: (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>,
): BaseAgent {
	class KeySigner extends Base<ParsedKey> {
		getIdentities(answer: (error?: Error | null, keys?: ParsedKey[]) => void): void {
			answer(null, [publicKey]);
		}

		sign(
			_key: ParsedKey,
			data: Buffer,
			optionsOrAnswer: SigningRequestOptions | SignCallback,
			maybeAnswer?: SignCallback,
		): void {
			const [options, answer] =
				typeof optionsOrAnswer === 'function' ? [{}, optionsOrAnswer] : [optionsOrAnswer, maybeAnswer];
			signData(data, options).then(
				signature => answer?.(null, signature),
				(error: unknown) => answer?.(error instanceof Error ? error : new Error(String(error))),
			);
		}
	}

	return new KeySigner();
}
