import {randomUUID} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import {UserError} from '../../../domain/user-error.ts';
import type {ServicePlace} from './service-place.ts';

const fileSchema = z.strictObject({
	/** Fingerprints by `host:port`. */
	services: z.record(z.string().max(300), z.string().regex(/^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/)),
});

/** The certificates of services that somebody accepted, in a file. */
export class KnownCertificates {
	/** Additions come one after the other. */
	#added: Promise<unknown> = Promise.resolve();

	constructor(readonly file: string) {}

	/** Undefined where none is known. Rejects with `KnownCertificatesFileError`. */
	async find(place: ServicePlace): Promise<string | undefined> {
		return (await this.#read())[nameOf(place)];
	}

	async add(place: ServicePlace, fingerprint: string): Promise<void> {
		const adding = this.#added.then(async () => {
			const services = {...(await this.#read()), [nameOf(place)]: fingerprint};
			await this.#write(`${JSON.stringify({services}, undefined, '\t')}\n`);
		});
		this.#added = adding.catch(() => undefined);
		return adding;
	}

	async #read(): Promise<Readonly<Record<string, string>>> {
		let text;
		try {
			text = await readFile(this.file, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
				return {};
			}

			throw new KnownCertificatesFileError(this.file, 'cannot be read', {cause: error});
		}

		try {
			return fileSchema.parse(JSON.parse(text)).services;
		} catch (error) {
			throw new KnownCertificatesFileError(this.file, 'is not as this program writes it', {cause: error});
		}
	}

	async #write(text: string): Promise<void> {
		const partial = `${this.file}.${randomUUID()}.partial`;
		try {
			await mkdir(path.dirname(this.file), {recursive: true, mode: 0o700});
			await writeFile(partial, text, {mode: 0o600, flag: 'wx'});
			await rename(partial, this.file);
		} catch (error) {
			throw new KnownCertificatesFileError(this.file, 'cannot be written', {cause: error});
		} finally {
			await rm(partial, {force: true});
		}
	}
}

function nameOf({address, port}: ServicePlace): string {
	return `${address.toLowerCase()}:${port}`;
}

/** The file with the accepted certificates is of no use. */
export class KnownCertificatesFileError extends UserError {
	readonly code = 'KNOWN_SERVICES_UNUSABLE';
	constructor(
		readonly file: string,
		reason: string,
		options?: ErrorOptions,
	) {
		super(`${file}, with the certificates that were accepted, ${reason}.`, options);
	}

	get nextSteps() {
		return ['Check its rights and what is in it.', 'Or delete it; certificates are then asked about again.'];
	}
}
