import type {LocalPackage, StageOptions, StagedPackage} from '../../../agent/connection.ts';
import {ConnectionLostError} from '../../../agent/machine-errors.ts';
import {checkedFileName} from '../../../agent/windows-path.ts';
import type {Clock} from '../../../domain/clock.ts';
import {UserError} from '../../../domain/user-error.ts';
import {packageResultSchema} from '../api/operation.ts';
import {carryOut} from './operations.ts';
import {uploadPackage} from './package-upload.ts';
import type {ServiceClient} from './service-client.ts';

/** Brings a package to the Agent through its service, or finds that it is there already. */
export async function stageThroughService(
	client: ServiceClient,
	clock: Clock,
	file: LocalPackage,
	options: StageOptions,
): Promise<StagedPackage> {
	checkedFileName(file.name);
	const there = await place(client, clock, file, options.signal);
	if (there) {
		if (!there.alreadyThere) {
			// All of it had arrived before.
			options.onProgress?.(file.size);
		}

		return there;
	}

	const resumed = await uploadPackage(client, file, options);
	try {
		return await arrived(client, clock, file, options);
	} catch (error) {
		// What lay there may not have been the beginning of this package; sent whole, there is nothing left to blame on it.
		if (!resumed || !(error instanceof UserError) || error.code !== 'SHA_MISMATCH') {
			throw error;
		}
	}

	await uploadPackage(client, file, options);
	return arrived(client, clock, file, options);
}

async function arrived(
	client: ServiceClient,
	clock: Clock,
	file: LocalPackage,
	{signal}: StageOptions,
): Promise<StagedPackage> {
	const staged = await place(client, clock, file, signal);
	if (!staged) {
		throw new ConnectionLostError(client.address, 'a package was uploaded, which is gone now');
	}

	return {...staged, alreadyThere: false};
}

/** Has an uploaded package put in its place; undefined where it has to be uploaded first. */
async function place(
	client: ServiceClient,
	clock: Clock,
	{name, size, sha256}: LocalPackage,
	signal: AbortSignal | undefined,
): Promise<StagedPackage | undefined> {
	try {
		return await carryOut(client, clock, {
			path: 'packages',
			body: {name, size, sha256},
			during: 'the SHA-256 of the package was compared',
			result: packageResultSchema,
			...(signal && {signal}),
		});
	} catch (error) {
		if (error instanceof UserError && error.code === 'UPLOAD_NEEDED') {
			return undefined;
		}

		throw error;
	}
}
