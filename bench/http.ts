/**
 * How fast packages go to the service on an Agent, and what it costs to tell many watchers of its events. Uploads: ours,
 * and `curl -T` to a plain server of Node that writes what comes to a file, both over TLS with the same certificate, in turns
 * in the same run, medians. Each is a process of its own. Files are kept in memory where the system offers that.
 * Streams: 500 watchers, each of whom hears ten events a second.
 * Run: npm run bench:http [rounds] [MiB] [seconds]
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {createWriteStream, existsSync} from 'node:fs';
import {EventEmitter, once} from 'node:events';
import {mkdir, mkdtemp, open, readFile, readdir, rm, stat, writeFile} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import {Agent, createServer, request} from 'node:https';
import type {AddressInfo} from 'node:net';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {monitorEventLoopDelay, performance} from 'node:perf_hooks';
import {createInterface} from 'node:readline';
import {pipeline} from 'node:stream/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {createParser} from 'eventsource-parser';
import type {FollowProgressOptions, FollowedLine} from '../source/agent/connection.ts';
import {DataMinerAgent} from '../source/agent/dataminer-agent.ts';
import {systemClock} from '../source/commands/system-clock.ts';
import type {LaunchReceipt} from '../source/domain/run-event.ts';
import {ServiceTrust} from '../source/transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../source/transport/http/client/known-certificates.ts';
import {uploadPackage} from '../source/transport/http/client/package-upload.ts';
import {ServiceClient} from '../source/transport/http/client/service-client.ts';
import {ServiceSockets} from '../source/transport/http/client/service-sockets.ts';
import {startHttpService} from '../source/transport/http/service/http-service.ts';
import {makeCertificate} from '../source/transport/http/service/make-certificate.ts';
import {Tokens} from '../source/transport/http/service/tokens.ts';
import {LocalMachine} from '../source/transport/local/local-machine.ts';
import {practiceWire} from '../source/transport/local/local-wire.ts';

const MiB = 1024 ** 2;
const aims = {
	/** Of the speed of curl; of eight of them, which ask for more than two cores, as over SSH. */
	one: 0.85,
	eight: 0.5,
	/** Of one core. */
	cpu: 0.2,
	/** Milliseconds. */
	usualPause: 16,
} as const;
const watchers = 500;
const eventsPerSecond = 10;

interface Server {
	readonly ports: readonly number[];
	readonly fingerprint: string;
	readonly token: string;
	readonly certificateFile: string;
}

interface UploadJob extends Server {
	readonly local: string;
	readonly size: number;
	readonly sha256: string;
}

interface Measured {
	readonly ms: number;
	/** Of our process, milliseconds. */
	readonly cpuMs: number;
	readonly usualPauseMs: number;
	readonly longestPauseMs: number;
}

const nothing = {cpuMs: 0, usualPauseMs: 0, longestPauseMs: 0};

/** Streams share a few beats, so that no clock of their own is measured, and do not all come at once. */
const beats = Array.from({length: 10}, () => new EventEmitter().setMaxListeners(0));
let followed = 0;

async function* linesAtARate(
	_receipt: LaunchReceipt,
	{offset, signal}: FollowProgressOptions,
): AsyncGenerator<FollowedLine, void, undefined> {
	let beaten = Promise.withResolvers<undefined>();
	followed += 1;
	beats[followed % beats.length]?.on('beat', () => {
		beaten.resolve(undefined);
		beaten = Promise.withResolvers();
	});
	for (let line = offset; !signal.aborted; line += 1) {
		await beaten.promise;
		yield {
			line: {type: 'progress', message: `${performance.timeOrigin + performance.now()}`},
			nextOffset: line + 1,
		};
	}
}

/** So many services, each before a folder that stands for a server, and a plain server; they live until stdin ends. */
async function serve(folder: string, count: number): Promise<void> {
	const {key, certificate, fingerprint} = await makeCertificate(['127.0.0.1'], Date.now());
	const tokens = new Tokens(join(folder, 'service'), () => Date.now());
	const {secret} = await tokens.create('bench', 'upgrade', 3_600_000);
	const ports: number[] = [];
	for (let index = 0; index < count; index += 1) {
		const practice = join(folder, `agent-${index}`);
		await mkdir(join(practice, 'C'), {recursive: true});
		const machine = new LocalMachine({address: 'bench', wire: practiceWire(practice, process.env)});
		const agent = new DataMinerAgent({agent: 'bench', machine, clock: systemClock});
		// How a log grows is no part of what is measured, and a practice server has none.
		agent.followProgress = linesAtARate;
		const service = await startHttpService({
			agent,
			version: 'bench',
			host: '127.0.0.1',
			port: 0,
			tls: {key, certificate},
			tokens,
			folder: join(practice, 'C', 'incoming'),
			now: () => Date.now(),
			// All streams are of one client here, and begin at once.
			limits: {unansweredOfClient: 1000, followingOfClient: 1000, strangers: 1000, connections: 2000},
		});
		ports.push(service.port);
	}

	let beat = 0;
	setInterval(
		() => {
			beat += 1;
			beats[beat % beats.length]?.emit('beat');
		},
		1000 / eventsPerSecond / beats.length,
	);
	const plain = createServer({key, cert: certificate}, (incoming, answer) => {
		const file = createWriteStream(join(folder, `plain${incoming.url?.replaceAll('/', '-') ?? ''}`));
		pipeline(incoming, file).then(
			() => answer.writeHead(204).end(),
			(error: unknown) => answer.writeHead(500).end(String(error)),
		);
	});
	await new Promise<void>(resolve => void plain.listen(0, '127.0.0.1', resolve));
	const certificateFile = join(folder, 'certificate.pem');
	await writeFile(certificateFile, certificate);
	const server: Server = {
		ports: [...ports, (plain.address() as AddressInfo).port],
		fingerprint,
		token: secret,
		certificateFile,
	};
	console.log(JSON.stringify(server));
	const delay = monitorEventLoopDelay({resolution: 1});
	let begun = {at: performance.now(), cpu: process.cpuUsage()};
	createInterface({input: process.stdin}).on('line', line => {
		if (line === 'begin') {
			delay.reset();
			delay.enable();
			begun = {at: performance.now(), cpu: process.cpuUsage()};
			return;
		}

		const {user, system} = process.cpuUsage(begun.cpu);
		const measured: Measured = {
			ms: performance.now() - begun.at,
			cpuMs: (user + system) / 1000,
			usualPauseMs: delay.percentile(99) / 1e6,
			longestPauseMs: delay.max / 1e6,
		};
		console.log(JSON.stringify(measured));
	});
	process.stdin.on('end', () => process.exit());
}

/** What a measuring process does; it prints a `Measured`. */
async function uploadHere({ports, fingerprint, token, local, size, sha256}: UploadJob): Promise<void> {
	const clients = ports.map(port => {
		const place = {address: '127.0.0.1', port, plain: false, certificate: fingerprint};
		const trust = new ServiceTrust({known: new KnownCertificates('/nowhere/services.json')});
		return new ServiceClient({
			agent: 'bench',
			place,
			sockets: new ServiceSockets(place, trust),
			token: () => Promise.resolve(token),
		});
	});
	const delay = monitorEventLoopDelay({resolution: 1});
	const start = performance.now();
	delay.enable();
	const file = {path: local, name: 'package.dmupgrade', size, sha256};
	await Promise.all(clients.map(client => uploadPackage(client, file, {stallMs: 60_000})));
	delay.disable();
	const ms = performance.now() - start;
	const {user, system} = process.cpuUsage();
	for (const client of clients) {
		client.close();
	}

	const measured: Measured = {
		ms,
		cpuMs: (user + system) / 1000,
		usualPauseMs: delay.percentile(99) / 1e6,
		longestPauseMs: delay.max / 1e6,
	};
	console.log(JSON.stringify(measured));
}

interface Role {
	readonly process: ChildProcess;
	readonly line: () => Promise<string>;
}

function play(...args: readonly string[]): Role {
	const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...args], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
	return {
		process: child,
		async line() {
			const {value, done} = await lines.next();
			if (done === true) {
				throw new Error(`${args[0]} ended without an answer.`);
			}

			return value;
		},
	};
}

async function ours(job: UploadJob): Promise<Measured> {
	return JSON.parse(await play('upload', JSON.stringify(job)).line()) as Measured;
}

function curl({local, certificateFile}: UploadJob, url: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn('curl', ['--silent', '--fail', '--cacert', certificateFile, '-T', local, url], {
			stdio: 'inherit',
		});
		child.on('error', reject);
		child.on('exit', code =>
			code === 0 ? resolve() : reject(new Error(`curl ended with exit code ${code}.`)),
		);
	});
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function fill(path: string, size: number): Promise<string> {
	const hash = createHash('sha256');
	const file = await open(path, 'w');
	for (let at = 0; at < size; at += MiB) {
		const bytes = randomBytes(MiB);
		hash.update(bytes);
		await file.write(bytes);
	}

	await file.close();
	return hash.digest('hex');
}

/** Removes what arrived; throws where it is not all there. */
async function takeAway(folder: string, count: number, size: number): Promise<void> {
	let whole = 0;
	for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && (path.includes('uploads') || entry.name.startsWith('plain'))) {
			whole += (await stat(path)).size === size ? 1 : 0;
			await rm(path);
		}
	}

	if (whole !== count) {
		throw new Error(`${whole} of ${count} packages are complete.`);
	}
}

async function measureUploads(folder: string, server: Server, rounds: number, size: number): Promise<void> {
	const plainPort = server.ports.at(-1) ?? 0;
	for (const [count, each] of [
		[1, size],
		[8, size / 4],
	] as const) {
		const local = join(folder, 'local');
		const job = {
			...server,
			ports: server.ports.slice(0, count),
			local,
			size: each,
			sha256: await fill(local, each),
		};
		const results = {ours: [] as Measured[], 'curl -T': [] as Measured[]};
		for (let round = 0; round < rounds; round += 1) {
			results.ours.push(await ours(job));
			await takeAway(folder, count, each);
			const start = performance.now();
			await Promise.all(job.ports.map((_, index) => curl(job, `https://127.0.0.1:${plainPort}/${index}`)));
			results['curl -T'].push({...nothing, ms: performance.now() - start});
			await takeAway(folder, count, each);
		}

		const msOf = (name: keyof typeof results) => median(results[name].map(({ms}) => ms));
		const speedOf = (name: keyof typeof results) =>
			((count * each) / MiB / (msOf(name) / 1000)).toFixed(0).padStart(5);
		const ratio = msOf('curl -T') / msOf('ours');
		const aim = count === 1 ? aims.one : aims.eight;
		const of = (pick: (one: Measured) => number) => median(results.ours.map(pick));
		const what = `${count} × ${each / MiB} MiB`.padEnd(13);
		console.log(
			`${what} ours     ${speedOf('ours')} MiB/s, ${ratio.toFixed(2)} of curl -T (aim ${aim}: ${ratio >= aim ? 'ok' : 'TOO SLOW'}), ${(of(({cpuMs}) => cpuMs) / 1000 / ((count * each) / 1024 ** 3)).toFixed(1)} s of CPU per GiB, pauses ${of(one => one.usualPauseMs).toFixed(0)} ms (p99), ${of(one => one.longestPauseMs).toFixed(0)} ms (longest)`,
		);
		console.log(`${what} curl -T  ${speedOf('curl -T')} MiB/s`);
		if (ratio < aim) {
			process.exitCode = 1;
		}
	}
}

/** Watches so many streams of the first service for so long; what it prints is about the client. */
async function watchHere({ports, certificateFile, token}: Server, seconds: number): Promise<void> {
	const lags: number[] = [];
	let lost = 0;
	const agent = new Agent({maxSockets: Infinity, ca: await readFile(certificateFile)});
	const streams = await Promise.all(
		Array.from({length: watchers}, async () => {
			const call = request({
				host: '127.0.0.1',
				port: ports[0],
				path: '/v1/launches/progress?reference=bench',
				headers: {authorization: `Bearer ${token}`},
				agent,
			});
			call.end();
			const [response] = (await once(call, 'response')) as [IncomingMessage];
			let last = 0;
			const parser = createParser({
				onEvent({id, data}) {
					const now = performance.timeOrigin + performance.now();
					lags.push(now - Number((JSON.parse(data) as {message: string}).message));
					lost += Number(id) === last + 1 ? 0 : 1;
					last = Number(id);
				},
			});
			response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
			return response;
		}),
	);
	console.log('watching');
	lags.length = 0;
	await sleep(seconds * 1000);
	const sorted = lags.toSorted((a, b) => a - b);
	const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? NaN;
	console.log(JSON.stringify({events: lags.length, lost, usualLagMs: at(0.5), slowLagMs: at(0.99)}));
	for (const stream of streams) {
		stream.destroy();
	}
}

async function measureStreams(served: Role, server: Server, seconds: number): Promise<void> {
	const watching = play('watch', JSON.stringify(server), String(seconds));
	await watching.line();
	served.process.stdin?.write('begin\n');
	const heard = JSON.parse(await watching.line()) as Record<
		'events' | 'lost' | 'usualLagMs' | 'slowLagMs',
		number
	>;
	served.process.stdin?.write('end\n');
	const {ms, cpuMs, usualPauseMs, longestPauseMs} = JSON.parse(await served.line()) as Measured;
	const cpu = cpuMs / ms;
	// Too few of them would cost little.
	const enough = heard.events / (ms / 1000) >= 0.95 * watchers * eventsPerSecond;
	const ok = enough && cpu <= aims.cpu && usualPauseMs <= aims.usualPause && heard.lost === 0;
	console.log(
		`${watchers} streams  ${(heard.events / (ms / 1000)).toFixed(0)} events/s, ${(cpu * 100).toFixed(0)} % of a core (aim ${aims.cpu * 100}), pauses ${usualPauseMs.toFixed(0)} ms (p99, aim ${aims.usualPause}), ${longestPauseMs.toFixed(0)} ms (longest): ${ok ? 'ok' : 'TOO MUCH'}; an event arrives after ${heard.usualLagMs.toFixed(1)} ms, 99 of 100 within ${heard.slowLagMs.toFixed(0)} ms; ${heard.lost} lost`,
	);
	if (!ok) {
		process.exitCode = 1;
	}
}

const [role = '3', first = '1024', second = '10'] = process.argv.slice(2);
if (role === 'serve') {
	await serve(first, Number(second));
} else if (role === 'upload') {
	await uploadHere(JSON.parse(first) as UploadJob);
} else if (role === 'watch') {
	await watchHere(JSON.parse(first) as Server, Number(second));
} else {
	const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dms-upgrade-bench-'));
	const served = play('serve', folder, '8');
	try {
		const server = JSON.parse(await served.line()) as Server;
		console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? ''}, ${role} rounds`);
		await measureStreams(served, server, Number(second));
		await measureUploads(folder, server, Number(role), Number(first) * MiB);
	} finally {
		served.process.kill();
		await rm(folder, {recursive: true});
	}
}
