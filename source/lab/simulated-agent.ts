import {AgentClock} from './agent-clock.ts';
import type {InstalledCluster} from './agent-files.ts';
import {installAgent} from './agent-files.ts';
import type {AgentSoftware} from './agent-software.ts';
import type {AgentPlan} from './cluster-layout.ts';
import {DataMiner, ignoreEndOf} from './data-miner.ts';
import {Door} from './door.ts';
import type {LabEvents} from './events.ts';
import {FailoverSide} from './failover.ts';
import type {Faults} from './faults.ts';
import {installSoftware} from './install-software.ts';
import type {ProcessOutput} from './processes.ts';
import {Processes} from './processes.ts';
import {Killed} from './programs/program.ts';
import {ScheduledTasks} from './scheduled-tasks.ts';
import {ServiceHost} from './service-host.ts';
import type {ServeAgent} from './service-site.ts';
import {Services, dataMinerServices, serviceStates} from './services.ts';
import type {SimulatedTime} from './simulated-time.ts';
import {SshServer} from './ssh-server.ts';
import type {SshServerOptions} from './ssh-server.ts';
import {WebApiSite} from './web-api-site.ts';
import {WindowsDrive} from './windows-drive.ts';
import {shells} from './windows-shell.ts';
import type {Environment, ShellName} from './windows-shell.ts';

/** How long Windows is away, in seconds of real life. It takes long where Windows installs its updates meanwhile. */
const rebootSeconds = {usual: 110, long: 25 * 60, 'too long': 3 * 60 * 60} as const;

export interface SimulatedAgentOptions extends SshServerOptions {
	readonly plan: AgentPlan;
	readonly cluster: InstalledCluster;
	/** The real folder that is its drive C:. */
	readonly driveFolder: string;
	/** 0 for a free one. */
	readonly port: number;
	readonly shell: ShellName;
	readonly time: SimulatedTime;
	readonly events: LabEvents;
	readonly faults: Faults;
	/** All simulated Agents of the lab, this one included. */
	readonly members: readonly SimulatedAgent[];
	/** In what this server differs from a well-kept one. */
	readonly software: AgentSoftware;
	/** The HTTP service, where it has one; `port` 0 for a free one. */
	readonly service?: {readonly serve: ServeAgent; readonly port: number};
	/** DataMiner's own web API, where it can be reached; `port` 0 for a free one. */
	readonly webApi?: {readonly port: number};
}

/** A Windows server with DataMiner on it, as far as an upgrade meets it. */
export class SimulatedAgent {
	readonly name: string;
	readonly address: string;
	readonly drive: WindowsDrive;
	readonly services: Services;
	readonly dataMiner: DataMiner;
	readonly processes: Processes;
	readonly tasks: ScheduledTasks;
	/** Undefined for an Agent outside a Failover pair. */
	readonly failover: FailoverSide | undefined;
	readonly time: SimulatedTime;
	readonly events: LabEvents;
	readonly faults: Faults;
	readonly clock: AgentClock;
	readonly members: readonly SimulatedAgent[];
	/** The package that is being carried out here. */
	upgrading: string | undefined;
	/** An upgrade ended well here. */
	upgraded = false;
	/** Undefined for an Agent that is reached over SSH only. */
	readonly service: ServiceHost | undefined;
	/** Undefined where DataMiner's web API cannot be reached. */
	readonly webApi: WebApiSite | undefined;
	readonly #door: Door;
	readonly #environment: Environment;
	#port: number;
	readonly #jobs = new Set<Promise<unknown>>();
	#rebooting: Promise<void> | undefined;

	constructor(private readonly options: SimulatedAgentOptions) {
		const {plan, time, events, faults} = options;
		this.name = plan.name;
		this.address = plan.address;
		this.time = time;
		this.events = events;
		this.faults = faults;
		this.clock = new AgentClock(plan.name, faults, options.software.clockAhead);
		this.members = options.members;
		this.#port = options.port;
		this.drive = new WindowsDrive(options.driveFolder, `C:\\Users\\${options.user}`);
		this.services = new Services(this.name, events);
		this.processes = new Processes(this);
		this.tasks = new ScheduledTasks(this);
		this.dataMiner = new DataMiner({
			name: this.name,
			drive: this.drive,
			services: this.services,
			events,
			time,
			clock: this.clock,
			startHangs: () => faults.active('does-not-start', this.name),
			flaps: () => faults.bites('flaps', this.name),
			fallsOut: () => faults.bites('falls-out', this.name),
		});
		this.failover = plan.role && new FailoverSide(this, plan.role, () => this.#partner());
		const ssh = new SshServer(this, options);
		this.#door = new Door(this, line => ssh.serve(line));
		this.service = options.service && new ServiceHost(this, options.service.serve, options.service.port);
		this.webApi = options.webApi && new WebApiSite(this, options.cluster.name, options.webApi.port);
		this.#environment = environmentOf(this.name, options.user);
	}

	get port(): number {
		return this.#port;
	}

	/** Name of the other Agent of its Failover pair. */
	get partner(): string | undefined {
		return this.options.plan.partner;
	}

	get dataMinerId(): number {
		return this.options.plan.dataMinerId;
	}

	/** The version that it was installed with, as VersionHistory.txt wrote it. */
	get version(): string {
		return this.software.version ?? this.options.cluster.version;
	}

	get software(): AgentSoftware {
		return this.options.software;
	}

	/** Whether its IIS takes connections. */
	get servesWeb(): boolean {
		const isDown =
			this.faults.active('unreachable', this.name) || this.faults.active('iis-is-down', this.name);
		return !isDown && this.services.find('W3SVC')?.state === serviceStates.running;
	}

	/** What Windows calls this computer. */
	get computerName(): string {
		return this.software.computerName ?? this.name;
	}

	/** How many are connected. */
	get clients(): number {
		return this.#door.clients + (this.service?.clients ?? 0);
	}

	/** True while something goes on that clients come back to. */
	get busy(): boolean {
		return this.upgrading !== undefined || this.#rebooting !== undefined;
	}

	/** Fills the drive and lets clients in, unless the Agent is to be unreachable from the beginning. */
	async install(): Promise<void> {
		const now = this.clock.now().getTime();
		const {plan, cluster, software} = this.options;
		await installAgent(this.drive, plan, {...cluster, version: this.version}, now);
		await installSoftware(this.drive, this.services, software);
		await this.service?.install();
		await this.#openDoors();
		if (this.faults.active('unreachable', this.name)) {
			await this.#shutDoors('the Agent is unreachable');
		}
	}

	/** To be called when its faults have changed. */
	async meetFaults(): Promise<void> {
		if (this.faults.active('unreachable', this.name)) {
			await this.#shutDoors('the Agent is unreachable');
		} else if (!this.#rebooting) {
			await this.#openDoors();
		}
	}

	/** Runs a command line as the SSH server's shell does; resolves with the exit code. */
	async execute(command: string, output: ProcessOutput, connection: AbortSignal): Promise<number> {
		const shell = shells[this.options.shell];
		let last = 0;
		for (const step of shell.parse(command, this.#environment)) {
			switch (step.do) {
				case 'print': {
					output.write(`${step.text}\r\n`);
					break;
				}

				case 'fail': {
					output.writeError(`${step.message}\r\n`);
					return 1;
				}

				case 'exit': {
					return step.code === 'last' ? last : step.code;
				}

				case 'run': {
					const found = await this.processes.find(step.commandLine, shell.addsExtension);
					if (found) {
						last = await this.processes.run(found, output, connection);
					} else {
						const program = /^"([^"]*)"|^\S*/.exec(step.commandLine);
						const problem = shell.notFound(program?.[1] ?? program?.[0] ?? '');
						output.writeError(`${problem.message}\r\n`);
						last = problem.exitCode;
					}
				}
			}
		}

		return shell.exitCode(last);
	}

	/** Windows restarts: everybody is thrown out, all processes end, and a while later the services come back. */
	async reboot(takes: keyof typeof rebootSeconds = 'usual'): Promise<void> {
		this.#rebooting ??= this.#reboot(rebootSeconds[takes]).finally(() => {
			this.#rebooting = undefined;
		});
		await this.#rebooting;
	}

	/** As `shutdown /r /t` does: whoever asked for it has time to end well. */
	rebootIn(seconds: number): void {
		void this.time
			.pass(seconds)
			.then(async () => this.reboot())
			.catch(ignoreEndOf(this.time.ended));
	}

	/** Resolves when DataMiner runs; rejects when the lab stops. */
	async untilRunning(): Promise<void> {
		while (this.services.find('SLDataMiner')?.state !== serviceStates.running) {
			await this.time.pass(5);
		}
	}

	/** Work that outlives the process which began it; the lab does not end before it. */
	track<T>(job: Promise<T>): Promise<T> {
		this.#jobs.add(job);
		const forget = () => void this.#jobs.delete(job);
		job.then(forget, forget);
		return job;
	}

	/** The simulated time must have ended before. */
	async stop(): Promise<void> {
		const end = new Killed('end of the lab');
		await this.#shutDoors('the lab stops');
		this.processes.killAll(end);
		await this.service?.kill(end);
		await Promise.allSettled(this.#jobs);
	}

	dropConnections(reason: string): void {
		this.#door.dropConnections(reason);
		this.service?.dropConnections(reason);
	}

	/** Nothing passes any more on the connections that there are, and nobody is told. */
	silenceConnections(reason: string): void {
		this.#door.silenceConnections(reason);
		this.service?.silenceConnections(reason);
	}

	async #reboot(seconds: number): Promise<void> {
		const all = this.services.all.map(service => service.name);
		this.events.note(this.name, 'reboot-started');
		await this.#shutDoors('Windows restarts');
		this.processes.killAll(new Killed('reboot'));
		await this.service?.kill(new Killed('reboot'));
		this.dataMiner.halt();
		this.services.set(all, serviceStates.stopped);
		await this.time.pass(seconds);
		const ofDataMiner = new Set<string>(dataMinerServices);
		this.services.set(
			all.filter(name => !ofDataMiner.has(name)),
			serviceStates.running,
		);
		if (!this.faults.active('unreachable', this.name)) {
			await this.#openDoors();
		}

		this.events.note(this.name, 'reboot-ended');
		void this.dataMiner.boot().catch(ignoreEndOf(this.time.ended));
	}

	async #openDoors(): Promise<void> {
		this.#port = await this.#door.open(this.address, this.#port);
		await this.service?.open();
		await this.webApi?.open();
	}

	async #shutDoors(reason: string): Promise<void> {
		await Promise.all([this.#door.shut(reason), this.service?.shut(reason), this.webApi?.shut(reason)]);
	}

	#partner(): SimulatedAgent {
		const partner = this.members.find(member => member.name === this.partner);
		if (!partner) {
			throw new Error(`${this.name} has no partner in the lab.`);
		}

		return partner;
	}
}

function environmentOf(computer: string, user: string): Environment {
	return new Map([
		['comspec', String.raw`C:\Windows\system32\cmd.exe`],
		['systemroot', String.raw`C:\Windows`],
		['systemdrive', 'C:'],
		['programdata', String.raw`C:\ProgramData`],
		['programfiles', String.raw`C:\Program Files`],
		['programfiles(x86)', String.raw`C:\Program Files (x86)`],
		['userprofile', `C:\\Users\\${user}`],
		['username', user],
		['computername', computer],
		['temp', `C:\\Users\\${user}\\AppData\\Local\\Temp`],
	]);
}
