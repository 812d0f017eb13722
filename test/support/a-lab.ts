import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import ssh2 from 'ssh2';
import type {SFTPWrapper} from 'ssh2';
import {onTestFinished} from 'vitest';
import type {InventoryAgent} from '../../source/config/inventory.ts';
import type {LabEvent} from '../../source/lab/events.ts';
import {startLab} from '../../source/lab/lab.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';

/** A fast lab with small packages, which ends with the test. */
export async function aLab(options: LabOptions = {}): Promise<Lab> {
	const lab = await startLab({agents: 1, pairs: 0, speed: 2000, fillerBytes: 64 * 1024, ...options});
	onTestFinished(async () => lab.stop());
	return lab;
}

export interface Answer {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** A client that knows nothing of dms-upgrade: plain ssh2. */
export interface Stranger {
	run(command: string): Promise<Answer>;
	readonly sftp: SFTPWrapper;
	/** Resolves when the connection has ended, whoever ended it. */
	readonly ended: Promise<unknown>;
	upload(path: string, content: Buffer): Promise<void>;
	read(path: string): Promise<string>;
	close(): void;
}

export async function aStranger(
	agent: InventoryAgent,
	overrides: ssh2.ConnectConfig = {},
): Promise<Stranger> {
	const client = new ssh2.Client();
	const {promise: ended, resolve: end} = Promise.withResolvers<undefined>();
	client.setMaxListeners(0);
	client.once('close', () => end(undefined));
	await new Promise<void>((resolve, reject) => {
		client.once('ready', () => resolve());
		client.once('connect', () => client.setNoDelay(true));
		client.on('error', reject);
		client.connect({
			host: agent.address,
			port: agent.port!,
			username: agent.user!,
			privateKey: overrides.privateKey ?? readFileSync(agent.identityFile!),
			...overrides,
		});
	});
	onTestFinished(() => void client.end());
	const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
		client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper)));
	});
	return {
		sftp,
		ended,
		run: async command =>
			new Promise((resolve, reject) => {
				client.exec(command, (error, channel) => {
					if (error) {
						reject(error);
						return;
					}

					let stdout = '';
					let stderr = '';
					let exitCode = -1;
					channel.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
					channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
					channel.on('exit', (code: number) => (exitCode = code));
					channel.on('close', () => resolve({exitCode, stdout, stderr}));
				});
			}),
		upload: async (path, content) => {
			const lost = ended.then(() => {
				throw new Error('The connection ended.');
			});
			lost.catch(() => undefined);
			await Promise.race([lost, send(sftp, path, content)]);
		},
		read: async path =>
			new Promise((resolve, reject) => {
				sftp.readFile(path, (error, content) => (error ? reject(error) : resolve(content.toString())));
			}),
		close: () => void client.end(),
	};
}

async function send(sftp: SFTPWrapper, path: string, content: Buffer): Promise<void> {
	const handle = await new Promise<Buffer>((resolve, reject) => {
		sftp.open(path, 'w', (error, opened) => (error ? reject(error) : resolve(opened)));
	});
	const step = 32 * 1024;
	for (let start = 0; start < content.length; start += step) {
		const length = Math.min(step, content.length - start);
		await new Promise<void>((resolve, reject) => {
			sftp.write(handle, content, start, length, start, error => (error ? reject(error) : resolve()));
		});
	}

	await new Promise<void>((resolve, reject) => {
		sftp.close(handle, error => (error ? reject(error) : resolve()));
	});
}

/** Names of what happened on an Agent, in order; without what every run of a program notes. */
export function eventsOn(lab: Lab, agent: string): readonly string[] {
	return lab.events
		.filter(event => event.agent === agent && !event.event.startsWith('program-'))
		.map(labelOf);
}

function labelOf({event, detail}: LabEvent): string {
	return [event, ...Object.values(detail).slice(0, 1)].join(' ');
}

/** `event` as `eventsOn` names it, or the beginning of that. */
export async function untilEvent(lab: Lab, event: string, agent?: string, limitMs = 20_000): Promise<void> {
	const until = Date.now() + limitMs;
	while (
		!lab.events.some(
			noted => labelOf(noted).startsWith(event) && (agent === undefined || noted.agent === agent),
		)
	) {
		if (Date.now() > until) {
			throw new Error(`No ${event} within ${limitMs} ms. ${JSON.stringify(lab.events.slice(-10))}`);
		}

		await sleep(5);
	}
}

const utility = String.raw`C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe`;

/** `task.xml` as Windows exports one. */
export function taskFile(args: string): Buffer {
	const text = [
		'<?xml version="1.0" encoding="UTF-16"?>',
		'<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
		'<RegistrationInfo><Author>edith</Author></RegistrationInfo>',
		'<Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>',
		'<Settings><ExecutionTimeLimit>PT0S</ExecutionTimeLimit></Settings>',
		`<Actions><Exec><Command>${utility}</Command><Arguments>${args.replaceAll('&', '&amp;')}</Arguments></Exec></Actions>`,
		'</Task>',
	].join('\r\n');
	return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

export function upgradeInfo(elements: Readonly<Record<string, string>> = {}, agents = ['localhost']): Buffer {
	const values = {IsCluster: 'false', FailoverPolicy: 'UseDefault', ...elements};
	const lines = Object.entries(values).map(([name, value]) => `  <${name}>${value}</${name}>`);
	const ips = agents.map(address => `    <IP>${address}</IP>`);
	return Buffer.from(
		['<UpgradeInfo>', '  <Agents>', ...ips, '  </Agents>', ...lines, '</UpgradeInfo>'].join('\r\n'),
	);
}

/** Uploads a package and has it carried out by a scheduled task; comes back when the task was started. */
export async function launchUpgrade(
	stranger: Stranger,
	packagePath: string,
	info: Buffer = upgradeInfo(),
): Promise<void> {
	const name = packagePath.replace(/^.*\//, '');
	await new Promise<void>((resolve, reject) => {
		stranger.sftp.mkdir('/C:/Staging', error => (error ? reject(error) : resolve()));
	});
	await stranger.upload(`/C:/Staging/${name}`, readFileSync(packagePath));
	await stranger.upload('/C:/Staging/UpgradeInfo.xml', info);
	await stranger.upload(
		'/C:/Staging/task.xml',
		taskFile(`-upgrade "C:\\Staging\\${name}" "C:\\Staging\\UpgradeInfo.xml"`),
	);
	for (const command of [
		String.raw`schtasks.exe /create /tn "dms-upgrade 1" /xml C:\Staging\task.xml /f`,
		'schtasks.exe /run /tn "dms-upgrade 1"',
	]) {
		const {exitCode, stderr} = await stranger.run(command);
		if (exitCode !== 0) {
			throw new Error(`${command}: ${stderr}`);
		}
	}
}
