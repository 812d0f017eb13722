import {type FileHandle, link, open, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {LocalFileError} from '../../agent/local-file-error.ts';
import {FileOperationError} from '../../agent/machine-errors.ts';
import type {UploadOptions} from '../../agent/machine.ts';
import {codeOf, fileFailure} from './local-file-failure.ts';

const blockBytes = 1024 * 1024;

/** File systems that cannot link, and files on different ones. */
const cannotLink: ReadonlySet<string | undefined> = new Set([
	'EXDEV',
	'EPERM',
	'ENOTSUP',
	'EOPNOTSUPP',
	'EMLINK',
	'ENOSYS',
	'EISDIR',
	'EINVAL',
]);

export interface LocalUpload {
	readonly address: string;
	/** As it is called in messages. */
	readonly shown: string;
	/** The file on this computer that it goes to. */
	readonly target: string;
	readonly localFile: string;
	/** Nobody writes to the local file any more: a second name for it is as good as a copy, and takes no space. */
	readonly settled: boolean;
}

/** Brings a file of this computer to another place on it. */
export async function copyLocally(upload: LocalUpload, options: UploadOptions): Promise<void> {
	options.signal?.throwIfAborted();
	const from = options.from ?? 0;
	if (from === 0 && upload.settled && (await linked(upload))) {
		options.onProgress?.((await stat(upload.target)).size);
		return;
	}

	const local = await open(upload.localFile, 'r').catch((error: unknown) => {
		throw new LocalFileError(path.basename(upload.localFile), {cause: error});
	});
	try {
		await copyFrom(local, from, upload, options);
	} finally {
		await local.close();
	}
}

async function linked({localFile, target, address, shown}: LocalUpload): Promise<boolean> {
	try {
		await rm(target, {force: true});
		await link(localFile, target);
		return true;
	} catch (error) {
		const code = codeOf(error);
		if (code === 'ENOENT') {
			// Which of the two is missing shows when the one is opened.
			return false;
		}

		if (cannotLink.has(code)) {
			return false;
		}

		throw fileFailure(address, shown, 'writing to it', error);
	}
}

async function copyFrom(
	local: FileHandle,
	from: number,
	{address, shown, target}: LocalUpload,
	{signal = new AbortController().signal, pace, onProgress}: UploadOptions,
): Promise<void> {
	const failed = (error: unknown) => {
		throw fileFailure(address, shown, 'writing to it', error);
	};
	const file = await open(target, from === 0 ? 'w' : 'r+').catch(failed);
	try {
		const {size} = await file.stat();
		if (size < from) {
			throw new FileOperationError(
				address,
				shown,
				'FILE_FAILED',
				`it has ${size} bytes, so nothing can be added at byte ${from}`,
			);
		}

		if (size > from) {
			await file.truncate(from).catch(failed);
		}

		const block = Buffer.allocUnsafe(blockBytes);
		for (let position = from; ;) {
			signal.throwIfAborted();
			const {bytesRead} = await local.read(block, 0, blockBytes, position);
			if (bytesRead === 0) {
				return;
			}

			await pace?.(bytesRead, signal);
			// A write may take less than it is given, as on a disk that is almost full.
			for (let done = 0; done < bytesRead;) {
				const written = file.write(block, done, bytesRead - done, position + done).catch(failed);
				done += (await written).bytesWritten;
			}

			position += bytesRead;
			onProgress?.(position);
		}
	} finally {
		await file.close();
	}
}
