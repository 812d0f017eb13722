import {copyFile, mkdir, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import type {PackageFacts} from '../domain/package-facts.ts';
import {changesVersion} from '../domain/package-facts.ts';
import type {UpgradeOptions} from '../domain/upgrade-options.ts';
import type {Version} from '../domain/version.ts';
import {fourPartNumber} from '../domain/version.ts';
import type {OpenPackage} from '../package/open-package.ts';
import {agentPaths} from './agent-paths.ts';
import {verifyPrerequisites} from './prerequisite-test.ts';
import {ProgressLog} from './progress-log.ts';
import {serviceStates} from './services.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {day} from './simulated-time.ts';
import type {UpgradeStep} from './upgrade-steps.ts';
import {endWithFaults, meetFaultsHalfWay, willFailLate} from './upgrade-faults.ts';
import {stepsOf} from './upgrade-steps.ts';

const extractSeconds = 30;
const componentsSeconds = 15;
const killSeconds = 5;
const restartDelaySeconds = 20;

export interface UpgradeOrder {
	readonly opened: OpenPackage;
	readonly options: UpgradeOptions;
	/** 32 hexadecimal digits; the same on all Agents of one upgrade. */
	readonly id: string;
}

/** One package being carried out on one Agent. Source: Steps_taken_during_an_upgrade_operation.md */
export class LocalUpgrade {
	#ended = false;
	#settled = false;

	private constructor(
		readonly agent: SimulatedAgent,
		private readonly order: UpgradeOrder,
		/** The real folder in `Upgrades\Packages`. */
		private readonly folder: string,
		readonly log: ProgressLog,
	) {}

	get ended(): boolean {
		return this.#ended;
	}

	/** Brings the package into `Upgrades\Packages` and begins its progress.log. */
	static async begin(agent: SimulatedAgent, order: UpgradeOrder, relay?: ProgressLog): Promise<LocalUpgrade> {
		const {file} = order.opened.facts;
		const windowsFolder = `${agentPaths.packages}\\${file}-${order.id}`;
		const folder = await agent.drive.resolve(windowsFolder);
		await mkdir(folder, {recursive: true});
		const log = new ProgressLog(path.join(folder, 'progress.log'), agent.address, agent.clock, relay);
		agent.upgrading = file;
		agent.events.note(agent.name, 'upgrade-started', {package: file, folder: windowsFolder});
		await log.write('information', `Starting upgrade thread for agent ${agent.address}. Execute Parts: All`);
		await copyFile(order.opened.path, path.join(folder, file));
		return new LocalUpgrade(agent, order, folder, log);
	}

	/** True when every test passed. */
	async verifyPrerequisites(signal: AbortSignal): Promise<boolean> {
		return verifyPrerequisites(this.agent, this.order.opened, this.folder, this.log, signal);
	}

	/** True when all was done; `succeed` is still to be called. The services may be starting then. */
	async carryOut(signal: AbortSignal): Promise<boolean> {
		try {
			return await this.#carryOut(signal);
		} catch (error) {
			// Left as it is, like on a real Agent whose upgrade was killed: no last line, services down.
			this.end('killed');
			throw error;
		}
	}

	/** Ends it without success: what DataMiner had stopped stays stopped. */
	async fail(cause: string): Promise<void> {
		await this.log.write('step', 'Executing on-failure steps due to failure...');
		this.agent.dataMiner.disabled = false;
		await this.log.write('error', `Upgrade failed: ${cause}`);
		await this.#removeFiles(name => name === this.order.opened.facts.file);
		this.end('failed');
	}

	end(outcome: 'succeeded' | 'failed' | 'killed'): void {
		if (!this.#ended) {
			this.#ended = true;
			this.agent.upgrading = undefined;
			this.agent.upgraded ||= outcome === 'succeeded';
			this.agent.events.note(this.agent.name, 'upgrade-ended', {
				package: this.order.opened.facts.file,
				outcome,
			});
		}
	}

	async #carryOut(signal: AbortSignal): Promise<boolean> {
		const {agent, log, order} = this;
		const {facts} = order.opened;
		const {options} = order;
		await log.write('progress', `Extracting ${facts.file}...`);
		await agent.time.pass(extractSeconds, signal);
		await log.write('step', 'Checking required components...');
		await agent.time.pass(componentsSeconds, signal);
		const stopsSnmp = options.StopSNMP && facts.restarts === 'agent';
		if (stopsSnmp) {
			agent.services.set(['SNMP'], serviceStates.stopped);
		}

		const steps = stepsOf(facts, options);
		for (const [index, step] of steps.entries()) {
			await log.write('step', step.line);
			if (index === Math.floor(steps.length / 2) && !(await meetFaultsHalfWay(this))) {
				return false;
			}

			await this.#take(step, signal);
			await log.write('progress', `Upgrading: ${Math.round(((index + 1) * 100) / steps.length)}%`);
		}

		if (stopsSnmp) {
			agent.services.set(['SNMP'], serviceStates.running);
		}

		await this.#removeFiles(name => name !== 'progress.log');
		return true;
	}

	/** Ends it well, unless the faults in force say otherwise; true where its log says so in the end. */
	async succeed(): Promise<boolean> {
		const {agent, log} = this;
		const reboots = this.#reboots();
		this.#settleNextStart();
		if (reboots) {
			await log.write('information', 'Windows will be restarted.');
		}

		const ending = await endWithFaults(this);
		if (ending !== 'failed') {
			this.end('succeeded');
			if (reboots) {
				agent.rebootIn(restartDelaySeconds);
			}
		}

		return ending === 'well';
	}

	async #take(step: UpgradeStep, signal: AbortSignal): Promise<void> {
		const {dataMiner, services, time} = this.agent;
		switch (step.verb) {
			case 'disable': {
				dataMiner.disabled = true;
				await dataMiner.stop(signal);
				return;
			}

			case 'kill': {
				dataMiner.halt();
				await time.pass(killSeconds, signal);
				return;
			}

			case 'enable': {
				dataMiner.disabled = false;
				break;
			}

			case 'iis': {
				await time.pass(step.seconds, signal);
				services.set(
					['W3SVC'],
					step.argument.toLowerCase() === 'stop' ? serviceStates.stopped : serviceStates.running,
				);
				return;
			}

			case 'start': {
				await this.#start();
				return;
			}

			case 'sleep': {
				await time.pass(Math.min(Number.parseInt(step.argument, 10) || 0, 600), signal);
				return;
			}

			default: {
				break;
			}
		}

		for (const [type, message] of step.says) {
			await this.log.write(type, message);
			await time.pass(step.seconds / step.says.length, signal);
		}

		if (step.says.length === 0) {
			await time.pass(step.seconds, signal);
		}
	}

	async #start(): Promise<void> {
		const {dataMiner} = this.agent;
		this.#settleNextStart();
		if (willFailLate(this.agent)) {
			return;
		}

		if (!this.order.options.AutomaticStartServices) {
			await this.log.write('information', 'DataMiner is not started automatically.');
		} else if (!this.#reboots()) {
			dataMiner.start();
		}
	}

	/** What the next start of DataMiner does; known only once nothing can fail any more. */
	#settleNextStart(): void {
		const {dataMiner, faults, name} = this.agent;
		const {facts} = this.order.opened;
		if (this.#settled || facts.restarts !== 'agent' || willFailLate(this.agent)) {
			return;
		}

		this.#settled = true;
		dataMiner.delayedStart = this.order.options.DelayedStart;
		dataMiner.startsAtBoot = this.order.options.AutomaticStartServices;
		if (changesVersion(facts.kind) && facts.version && !faults.bites('stays-old', name)) {
			dataMiner.versionToStamp = stampOf(facts.version, facts);
		}
	}

	#reboots(): boolean {
		const forced = this.order.opened.facts.actions.some(action => /^setoption\s+reboot$/i.test(action));
		return forced || this.order.options.RebootAfterUpgrade;
	}

	/** Source: Keeping_a_DMA_from_running_out_of_disk_space.md (RN 37033) */
	async #removeFiles(obsolete: (name: string) => boolean): Promise<void> {
		for (const name of (await readdir(this.folder)).filter(obsolete)) {
			await rm(path.join(this.folder, name), {recursive: true, force: true});
		}
	}
}

/** As VersionHistory.txt writes it: `10.5.12.0(CU2)-16797-20260112-release`. */
function stampOf(version: Version, {label}: PackageFacts): string {
	const cu = version.cu === undefined ? '' : `(CU${version.cu})`;
	const build = version.build === undefined ? '' : `-${version.build}`;
	return `${fourPartNumber(version)}${cu}${build}-${day(new Date())}-${label}`;
}
