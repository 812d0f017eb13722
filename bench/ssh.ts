/**
 * How fast files go to an SSH server: ours and OpenSSH's own `sftp` and `scp`, to one sshd on this computer, in turns in
 * the same run, medians. Each is a process of its own; of ours, its CPU time and the longest pause of its event loop
 * are told as well.
 * Run: npm run bench:ssh [rounds] [MiB]
 */
import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdir, open, rm, stat} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {monitorEventLoopDelay, performance} from 'node:perf_hooks';
import {SshMachine} from '../source/transport/ssh/ssh-machine.ts';
import {windowsWire} from '../source/transport/ssh/ssh-options.ts';
import {startSshd} from '../test/support/sshd.ts';

const MiB = 1024 ** 2;

interface Job {
	readonly port: number;
	readonly user: string;
	readonly privateKey: string;
	readonly hostKey: string;
	readonly local: string;
	readonly targets: readonly string[];
}

interface Measured {
	readonly ms: number;
	/** Of our process, milliseconds. */
	readonly cpuMs: number;
	readonly longestPauseMs: number;
}

/** What a measuring process does; it prints a `Measured`. */
async function uploadHere(job: Job): Promise<void> {
	const wire = {...windowsWire, path: (path: string) => path.replace(/^C:/, '').replaceAll('\\', '/')};
	const machines = job.targets.map(
		() => new SshMachine({address: '127.0.0.1', limits: limitsFromEnvironment(), wire, ...job}),
	);
	const delay = monitorEventLoopDelay({resolution: 1});
	const start = performance.now();
	delay.enable();
	await Promise.all(
		machines.map((machine, index) =>
			machine.upload(job.local, `C:${(job.targets[index] ?? '').replaceAll('/', '\\')}`, {stallMs: 60_000}),
		),
	);
	delay.disable();
	const ms = performance.now() - start;
	const {user, system} = process.cpuUsage();
	await Promise.all(machines.map(machine => machine.close()));
	const measured: Measured = {ms, cpuMs: (user + system) / 1000, longestPauseMs: delay.max / 1e6};
	console.log(JSON.stringify(measured));
}

function limitsFromEnvironment(): Record<string, number> {
	return JSON.parse(process.env['BENCH_SSH_LIMITS'] ?? '{}') as Record<string, number>;
}

function finished(program: string, args: readonly string[], input?: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, {stdio: ['pipe', 'pipe', 'inherit']});
		let output = '';
		child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
		child.on('error', reject);
		child.on('exit', code => {
			if (code === 0) {
				resolve(output);
			} else {
				reject(new Error(`${program} ended with exit code ${code}.`));
			}
		});
		child.stdin.end(input);
	});
}

async function ours(job: Job): Promise<Measured> {
	const args = [...process.execArgv, import.meta.filename, 'upload', JSON.stringify(job)];
	return JSON.parse(await finished(process.execPath, args)) as Measured;
}

async function theirs(work: readonly (() => Promise<unknown>)[]): Promise<Measured> {
	const start = performance.now();
	await Promise.all(work.map(each => each()));
	return {ms: performance.now() - start, cpuMs: 0, longestPauseMs: 0};
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function main(rounds: number, size: number): Promise<void> {
	const sshd = await startSshd();
	const folder = join(tmpdir(), `dms-upgrade-bench-${process.pid}`);
	await mkdir(folder);
	const local = join(folder, 'local');
	const file = await open(local, 'w');
	for (let at = 0; at < size; at += MiB) {
		await file.write(randomBytes(MiB));
	}

	await file.close();
	const {port, user, privateKey, hostKey} = sshd.options();
	const login = [
		'-q',
		'-o',
		'StrictHostKeyChecking=no',
		'-o',
		`UserKnownHostsFile=${sshd.knownHosts}`,
		'-i',
		join(sshd.folder, 'client_key'),
		'-F',
		'none',
	];
	const jobFor = (targets: readonly string[]): Job => ({
		port,
		user,
		privateKey: privateKey.toString(),
		hostKey,
		local,
		targets,
	});
	const sftp = (cipher: readonly string[]) => (target: string) => () =>
		finished(
			'sftp',
			['-b', '-', '-P', String(port), ...cipher, ...login, `${user}@127.0.0.1`],
			`put ${local} ${target}\n`,
		);
	const scp = (target: string) => () =>
		finished('scp', ['-P', String(port), ...login, local, `${user}@127.0.0.1:${target}`]);
	const gcm = ['-c', 'aes128-gcm@openssh.com'];
	const ways: Readonly<Record<string, (targets: readonly string[]) => Promise<Measured>>> = {
		ours: targets => ours(jobFor(targets)),
		sftp: targets => theirs(targets.map(sftp([]))),
		'sftp, aes128-gcm': targets => theirs(targets.map(sftp(gcm))),
		scp: targets => theirs(targets.map(scp)),
	};
	console.log(`${rounds} rounds, ${size / MiB} MiB each, ${cpus().length} × ${cpus()[0]?.model ?? ''}`);
	for (const count of [1, 8]) {
		const share = count === 1 ? '' : ' at once';
		const targets = Array.from({length: count}, (_, index) =>
			join(folder, `target ${index}`.replace(' ', '-')),
		);
		const results = new Map<string, Measured[]>(Object.keys(ways).map(name => [name, []]));
		for (let round = 0; round < rounds; round++) {
			for (const [name, way] of Object.entries(ways)) {
				results.get(name)?.push(await way(targets));
				for (const target of targets) {
					if ((await stat(target)).size !== size) {
						throw new Error(`${name} left ${target} incomplete.`);
					}

					await rm(target);
				}
			}
		}

		const msOf = (name: string) => median((results.get(name) ?? []).map(({ms}) => ms));
		for (const [name, measured] of results) {
			const speed = (count * size) / MiB / (msOf(name) / 1000);
			const toSftp = msOf('sftp, aes128-gcm') / msOf(name);
			const more =
				name === 'ours'
					? `, ${(median(measured.map(({cpuMs}) => cpuMs)) / 1000).toFixed(1)} s of CPU, longest pause ${median(measured.map(each => each.longestPauseMs)).toFixed(0)} ms`
					: '';
			console.log(
				`${count}${share}  ${name.padEnd(17)} ${speed.toFixed(0)} MiB/s, ${toSftp.toFixed(2)} of sftp${more}`,
			);
		}
	}

	await sshd.stop();
	await rm(folder, {recursive: true});
}

const [first = '3', second = '1024'] = process.argv.slice(2);
if (first === 'upload') {
	await uploadHere(JSON.parse(second) as Job);
} else {
	await main(Number(first), Number(second) * MiB);
}
