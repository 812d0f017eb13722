import {stat} from 'node:fs/promises';
import {hostname} from 'node:os';
import path from 'node:path';
import packageFile from '../../package.json' with {type: 'json'};
import {defaultAgentSettings} from '../agent/agent-settings.ts';
import {DataMinerAgent} from '../agent/dataminer-agent.ts';
import {isFileSystemError, whyFolderFails} from '../config/state-folder.ts';
import {visibleText} from '../domain/text.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {isLoopback} from '../transport/http/api/loopback.ts';
import {givenCertificate, serviceCertificate} from '../transport/http/service/certificate.ts';
import {PlainHttpRefusedError, startHttpService} from '../transport/http/service/http-service.ts';
import {Tokens} from '../transport/http/service/tokens.ts';
import {LocalMachine} from '../transport/local/local-machine.ts';
import {practiceWire, windowsWire} from '../transport/local/local-wire.ts';
import {LogFile} from './log-file.ts';
import {ServiceFolderError, prepareServiceFolder} from './service-folder.ts';
import {systemClock} from './system-clock.ts';
import {untilStopped} from './until-stopped.ts';

export interface ServeOptions {
	/** Of the tokens and the certificate. */
	readonly folder: string;
	readonly host: string;
	/** 0 for a free one. */
	readonly port: number;
	/** Without it the service makes one of its own. */
	readonly certificate?: {readonly certificateFile: string; readonly keyFile: string};
	readonly plainHttp: boolean;
	/** This Agent is one of a Failover pair. */
	readonly failover: boolean;
	readonly switchOver?: readonly [string, ...string[]];
	/** A file for the log; else it goes where `write` writes. */
	readonly log?: string;
	/** Stands for a Windows server on another system. */
	readonly practice?: string;
	readonly json: boolean;
	readonly write: (text: string) => void;
	/** For stderr: what people need to know. */
	readonly notice: (text: string) => void;
}

/** What comes from clients, in the folder of this program on the Agent. */
const incoming = 'incoming';

/** `serve`: offers this computer's Agent until it is told to end. */
export async function serveCommand(options: ServeOptions): Promise<ExitCode> {
	const {folder, host, port, json, write, notice, practice, failover, switchOver} = options;
	const ending = untilStopped();
	try {
		const wire = await wireOf(practice);
		if (options.plainHttp && !isLoopback(host)) {
			throw new PlainHttpRefusedError(host);
		}

		await prepareServiceFolder(folder);
		const certificate = await certificateOf(options);
		const log = options.log === undefined ? {write, close: () => undefined} : new LogFile(options.log);
		const now = () => systemClock.now();
		// It is not below drive C: only on a computer that stands for a server.
		const staging = await wire.path(defaultAgentSettings.stagingFolder);
		const arriving = path.join(staging ?? folder, incoming);
		await prepareServiceFolder(path.dirname(arriving));
		const machine = new LocalMachine({
			address: hostname(),
			wire,
			settledFolder: path.join(arriving, 'uploads'),
		});
		const agent = new DataMinerAgent({
			agent: hostname(),
			machine,
			clock: systemClock,
			settings: {failover, ...(switchOver && {switchOver})},
		});
		try {
			const service = await startHttpService({
				agent,
				version: packageFile.version,
				host,
				port,
				...(certificate && {tls: certificate}),
				tokens: new Tokens(folder, now),
				folder: arriving,
				now,
				log,
			}).catch((error: unknown) => {
				throw startFailure(error, host, port, arriving);
			});
			const facts = {
				url: service.url,
				port: service.port,
				pid: process.pid,
				...(certificate && {fingerprint: certificate.fingerprint}),
			};
			if (json) {
				write(`${JSON.stringify(facts)}\n`);
			} else {
				notice(welcome(facts, options));
			}

			await stopped(ending.signal);
			await service.stop();
		} finally {
			await agent.close();
			log.close();
		}

		return exitCodes.done;
	} finally {
		ending.forget();
	}
}

async function wireOf(practice: string | undefined) {
	if (practice === undefined) {
		if (process.platform !== 'win32') {
			throw new NotWindowsError();
		}

		return windowsWire(process.env);
	}

	const drive = path.join(practice, 'C');
	if (!(await stat(drive).catch(() => undefined))?.isDirectory()) {
		throw new NoPracticeDriveError(drive);
	}

	return practiceWire(practice, process.env);
}

async function certificateOf({folder, host, certificate, plainHttp}: ServeOptions) {
	if (plainHttp) {
		return undefined;
	}

	if (certificate) {
		return givenCertificate(certificate.certificateFile, certificate.keyFile, systemClock.now());
	}

	const names = [hostname(), 'localhost', '127.0.0.1', '::1', ...(isEveryAddress(host) ? [] : [host])];
	try {
		return await serviceCertificate(folder, [...new Set(names)], systemClock.now());
	} catch (error) {
		if (!isFileSystemError(error)) {
			throw error;
		}

		const [reason, nextStep] = whyFolderFails(error);
		throw new ServiceFolderError(folder, reason, nextStep, {cause: error});
	}
}

function isEveryAddress(host: string): boolean {
	return host === '0.0.0.0' || host === '::';
}

function stopped(signal: AbortSignal): Promise<void> {
	return new Promise(resolve => {
		signal.addEventListener('abort', () => resolve(), {once: true});
		if (signal.aborted) {
			resolve();
		}
	});
}

function welcome(
	{url, fingerprint}: {readonly url: string; readonly fingerprint?: string},
	{host, log}: ServeOptions,
): string {
	return [
		`The service on this Agent listens at ${url}`,
		...(fingerprint === undefined ? [] : [`Fingerprint of its certificate (SHA-256): ${fingerprint}`]),
		...(isLoopback(host)
			? ['Only programs on this computer reach it. Name an address of it with --host, or 0.0.0.0 for all.']
			: []),
		`Log: ${log === undefined ? 'below, one JSON object a line' : visibleText(log)}`,
		'Make a token for whoever is to use it: dms-upgrade serve token --name NAME --scope read|upload|upgrade',
		'',
	].join('\n');
}

function startFailure(error: unknown, host: string, port: number, folder: string): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	switch (code) {
		case 'EADDRINUSE':
			return new CannotListenError(host, port, 'another program listens there', [
				'Stop that program, or name another port with --port.',
			]);
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return new CannotListenError(host, port, 'that is no address of this computer', [
				'Name one that it has with --host; 0.0.0.0 is every one.',
			]);
		case 'EACCES':
			if (error instanceof Error && 'syscall' in error && error.syscall === 'listen') {
				return new CannotListenError(host, port, 'the system does not allow it', [
					'Name a port above 1023 with --port, or run it as an administrator.',
				]);
			}
	}

	if (!isFileSystemError(error)) {
		return error;
	}

	const [reason, nextStep] = whyFolderFails(error);
	return new ServiceFolderError(folder, reason, nextStep, {cause: error});
}

/** Nobody could reach the service at this address. */
class CannotListenError extends UserError {
	readonly code = 'CANNOT_LISTEN';
	constructor(
		readonly host: string,
		readonly port: number,
		reason: string,
		readonly nextSteps: readonly string[],
	) {
		super(`The service cannot listen at ${visibleText(host)}, port ${port}: ${reason}.`);
	}
}

/** There is no DataMiner on any other system. */
class NotWindowsError extends UserError {
	readonly code = 'NOT_WINDOWS';
	readonly nextSteps = [
		'Run it on the Agent itself.',
		'To try it out here, name a folder that stands for a Windows server: --practice FOLDER (README, “Try the service”).',
	];
	constructor() {
		super(
			'dms-upgrade serve runs on a DataMiner Agent, which is a Windows server, and this computer is none.',
		);
	}
}

class NoPracticeDriveError extends UserError {
	readonly code = 'NO_PRACTICE_DRIVE';
	readonly nextSteps = ['Make that folder, and in it what the Agent is to have on its drive C:.'];
	constructor(readonly folder: string) {
		super(`${visibleText(folder)} is to stand for drive C:, and there is no such folder.`);
	}
}
