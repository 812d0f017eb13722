import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import type {Program} from './program.ts';

const algorithms: Readonly<Record<string, string>> = {
	md5: 'md5',
	sha1: 'sha1',
	sha256: 'sha256',
	sha512: 'sha512',
};
const fileNotFound = 0x80_07_00_02;
const invalidArgument = 0x80_07_00_57;

/** `certutil.exe -hashfile <path> [algorithm]`: reads every byte. */
export const certutil: Program = async ({agent, args, print, signal}) => {
	const [verb, path, name = 'SHA1'] = args;
	const algorithm = algorithms[name.toLowerCase()];
	if (!/^[-/]hashfile$/i.test(verb ?? '') || path === undefined || algorithm === undefined) {
		print('CertUtil: -hashfile command FAILED: 0x80070057 (WIN32: 87 ERROR_INVALID_PARAMETER)');
		print('CertUtil: The parameter is incorrect.');
		return invalidArgument;
	}

	if (!(await agent.drive.hasFile(path))) {
		print('CertUtil: -hashfile command FAILED: 0x80070002 (WIN32: 2 ERROR_FILE_NOT_FOUND)');
		print('CertUtil: The system cannot find the file specified.');
		return fileNotFound;
	}

	const hash = createHash(algorithm);
	await pipeline(createReadStream(await agent.drive.resolve(path), {highWaterMark: 1024 * 1024}), hash, {
		signal,
	});
	print(`${algorithm.toUpperCase()} hash of ${path}:`);
	print(hash.digest('hex'));
	print('CertUtil: -hashfile command completed successfully.');
	return 0;
};
