import {type PortAnswer, clusterPorts} from '../domain/agent-survey.ts';
import type {AgentContext} from './agent-context.ts';
import {orUnknown} from './or-unknown.ts';

/** A closed port is refused at once, or by Windows after two seconds of trying again; who says nothing by then is silent. */
const waitMs = 5000;
/** A command line of Windows has at most 8191 characters. */
const mostAddresses = 100;

/**
 * Connects from the Agent to the ports of the other Agents, all at once, and closes again: nothing is sent. Undefined
 * where that cannot be done. Source of the ports: Configuring_the_IP_network_ports.md
 */
export async function probePorts(
	{machine, settings}: AgentContext,
	addresses: readonly string[],
	signal?: AbortSignal,
): Promise<readonly PortAnswer[] | undefined> {
	// They become a part of a script. An IPv6 address would need another kind of socket.
	const others = addresses.filter(isPlainAddress).slice(0, mostAddresses);
	if (others.length === 0) {
		return [];
	}

	const result = await orUnknown(
		machine.run(
			{
				program: 'powershell.exe',
				args: ['-NoProfile', '-NonInteractive', '-Command', probeScript(others)],
			},
			{timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})},
		),
	);
	return result?.exitCode === 0 ? parseProbe(result.stdout, others) : undefined;
}

function isPlainAddress(address: string): boolean {
	return /^[A-Za-z0-9](?:[\w.-]{0,252})$/.test(address);
}

/**
 * Without double quotes, `%` and `!`, which cmd.exe would read. A connection that fails for any other reason than being
 * refused counts as unanswered. Not documented by DataMiner, and not tried on a real Agent.
 */
export function probeScript(addresses: readonly string[]): string {
	const hosts = addresses.map(address => `'${address}'`).join(',');
	const ports = Object.values(clusterPorts).join(',');
	return [
		`$all=foreach($h in ${hosts}){foreach($p in ${ports}){$s=New-Object Net.Sockets.TcpClient;`,
		'[pscustomobject]@{Host=$h;Port=$p;Socket=$s;Task=$s.ConnectAsync($h,$p)}}};',
		`try{[void][Threading.Tasks.Task]::WaitAll([Threading.Tasks.Task[]]@($all.Task),${waitMs})}catch{};`,
		'foreach($c in $all){$e=$c.Task.Exception;while($e.InnerException){$e=$e.InnerException};',
		"$r=if($c.Task.Status -eq 'RanToCompletion'){'open'}",
		"elseif($e.SocketErrorCode -eq 'ConnectionRefused'){'refused'}else{'silent'};",
		"$c.Host+' '+$c.Port+' '+$r;$c.Socket.Close()}",
	].join('');
}

/** Lines such as `10.0.0.2 443 open`. Undefined where an answer is missing. */
export function parseProbe(output: string, addresses: readonly string[]): readonly PortAnswer[] | undefined {
	const answers = new Map<string, PortAnswer['answer']>();
	for (const line of output.slice(0, longestOutput).split(/\r?\n/)) {
		const {where, answer} =
			/^(?<where>\S{1,253} \d{1,5}) (?<answer>open|refused|silent)\s*$/.exec(line)?.groups ?? {};
		if (where !== undefined) {
			answers.set(where, answer as PortAnswer['answer']);
		}
	}

	const ports = Object.values(clusterPorts);
	const found = addresses.flatMap(address =>
		ports.flatMap((port): PortAnswer[] => {
			const answer = answers.get(`${address} ${port}`);
			return answer === undefined ? [] : [{address, port, answer}];
		}),
	);
	return found.length === addresses.length * ports.length ? found : undefined;
}

const longestOutput = 256 * 1024;
