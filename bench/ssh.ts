/**
 * How fast files go to an SSH server: ours and OpenSSH's own `sftp` and `scp`, to one sshd on this computer, in turns in
 * the same run, medians. Each is a process of its own; of ours, which is what a runner does, its CPU time and the pauses of
 * its event loop are told as well. Eight at once send a quarter of the file each. Files are kept in memory where the
 * system offers that, so that lines are measured and not disks.
 * Run: npm run bench:ssh [rounds] [MiB]
 */
import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdtemp, open, rm, stat} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {monitorEventLoopDelay, performance} from 'node:perf_hooks';
import {SshMachine} from '../source/transport/ssh/ssh-machine.ts';
import {windowsWire} from '../source/transport/ssh/ssh-options.ts';
import {startSshd} from '../test/support/sshd.ts';

const MiB = 1024 ** 2;

/** How much of the speed of OpenSSH's sftp is to be reached, on its default cipher. */
const aims = {one: 0.65, eight: 0.5} as const;

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
	/** 99 of 100 pauses of its event loop were shorter. */
	readonly usualPauseMs: number;
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
	// What is loaded and agreed on at the start is part of the time, and no pause of an upload.
	await Promise.all(machines.map(machine => machine.stat('C:\\none')));
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
	const measured: Measured = {
		ms,
		cpuMs: (user + system) / 1000,
		usualPauseMs: delay.percentile(99) / 1e6,
		longestPauseMs: delay.max / 1e6,
	};
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
	return {ms: performance.now() - start, cpuMs: 0, usualPauseMs: 0, longestPauseMs: 0};
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function fill(path: string, size: number): Promise<void> {
	const file = await open(path, 'w');
	for (let at = 0; at < size; at += MiB) {
		await file.write(randomBytes(MiB));
	}

	await file.close();
}

async function main(rounds: number, size: number): Promise<void> {
	const sshd = await startSshd();
	const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dms-upgrade-bench-'));
	const [whole, quarter] = [join(folder, 'whole'), join(folder, 'quarter')] as const;
	await fill(whole, size);
	await fill(quarter, size / 4);
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
	const jobFor = (local: string, targets: readonly string[]): Job => ({
		port,
		user,
		privateKey: privateKey.toString(),
		hostKey,
		local,
		targets,
	});
	const sftp = (cipher: readonly string[], local: string) => (target: string) => () =>
		finished(
			'sftp',
			['-b', '-', '-P', String(port), ...cipher, ...login, `${user}@127.0.0.1`],
			`put ${local} ${target}\n`,
		);
	const scp = (local: string) => (target: string) => () =>
		finished('scp', ['-P', String(port), ...login, local, `${user}@127.0.0.1:${target}`]);
	const gcm = ['-c', 'aes128-gcm@openssh.com'];
	type Way = (local: string, targets: readonly string[]) => Promise<Measured>;
	const ways: Readonly<Record<string, Way>> = {
		ours: (from, targets) => ours(jobFor(from, targets)),
		sftp: (from, targets) => theirs(targets.map(sftp([], from))),
		'sftp, aes128-gcm': (from, targets) => theirs(targets.map(sftp(gcm, from))),
		scp: (from, targets) => theirs(targets.map(scp(from))),
	};
	console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? ''}, ${rounds} rounds`);
	for (const [count, local, each] of [
		[1, whole, size],
		[8, quarter, size / 4],
	] as const) {
		const targets = Array.from({length: count}, (_, index) =>
			join(folder, `target ${index}`.replace(' ', '-')),
		);
		const results = new Map<string, Measured[]>(Object.keys(ways).map(name => [name, []]));
		for (let round = 0; round < rounds; round++) {
			for (const [name, way] of Object.entries(ways)) {
				results.get(name)?.push(await way(local, targets));
				for (const target of targets) {
					if ((await stat(target)).size !== each) {
						throw new Error(`${name} left ${target} incomplete.`);
					}

					await rm(target);
				}
			}
		}

		const msOf = (name: string) => median((results.get(name) ?? []).map(({ms}) => ms));
		for (const [name, measured] of results) {
			const speed = (count * each) / MiB / (msOf(name) / 1000);
			const ratio = msOf('sftp') / msOf(name);
			const pace = `${`${count} × ${each / MiB} MiB`.padEnd(12)} ${name.padEnd(17)} ${speed.toFixed(0).padStart(4)} MiB/s, ${ratio.toFixed(2)} of sftp`;
			if (name !== 'ours') {
				console.log(pace);
				continue;
			}

			const of = (pick: (one: Measured) => number) => median(measured.map(pick));
			const cpu = of(({cpuMs}) => cpuMs) / 1000 / ((count * each) / 1024 ** 3);
			const aim = count === 1 ? aims.one : aims.eight;
			console.log(
				`${pace} (aim ${aim}: ${ratio >= aim ? 'ok' : 'TOO SLOW'}), ${cpu.toFixed(1)} s of CPU per GiB, pauses ${of(one => one.usualPauseMs).toFixed(0)} ms (p99), ${of(one => one.longestPauseMs).toFixed(0)} ms (longest)`,
			);
			if (ratio < aim) {
				process.exitCode = 1;
			}
		}
	}

	await sshd.stop();
	await rm(folder, {recursive: true});
}

const [first = '5', second = '1024'] = process.argv.slice(2);
if (first === 'upload') {
	await uploadHere(JSON.parse(second) as Job);
} else {
	await main(Number(first), Number(second) * MiB);
}
