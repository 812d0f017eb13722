import {randomUUID} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {rename, rm} from 'node:fs/promises';
import {PassThrough, type Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {ZipFile} from 'yazl';
import {fillerBytes} from './filler.ts';

/** A file inside the Update.zip: text as it is, or incompressible filler of so many bytes. */
export interface PackageFile {
	/** With either slash, such as `Files\SLDataMiner.exe`. */
	readonly path: string;
	readonly content: string | Buffer | {readonly fillerBytes: number};
}

/** What a package is made of. */
export interface PackageRecipe {
	readonly description?: string;
	/** The lines of UpdateContent.txt; without any the file is left out. */
	readonly actions?: readonly string[];
	readonly files?: readonly PackageFile[];
	/** Tests by name, without `.dll`. */
	readonly prerequisites?: readonly {readonly check: string; readonly content: string}[];
	/** Whether the program that runs the prerequisites is in it. Default: true when there are prerequisites. */
	readonly executor?: boolean;
	/** How the Update.zip stands in the package. Default: stored, as it is compressed itself. */
	readonly updateZip?: 'stored' | 'deflated';
}

export interface PackageNameParts {
	/** `10.6.0.0` */
	readonly number: string;
	readonly cu?: number;
	readonly build: number;
	readonly kind: 'Full' | 'Web';
	/** None for a release. */
	readonly label?: string;
}

/** The documented form: `DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal).dmupgrade`. */
export function packageFileName({number, cu, build, kind, label}: PackageNameParts): string {
	const update = cu === undefined ? '' : `(CU${cu})`;
	return `DataMiner ${number}${update}-${build} ${kind} Upgrade${label === undefined ? '' : ` (${label})`}.dmupgrade`;
}

// The same recipe gives the same bytes, whenever and by whomever it is built.
const entryOptions = {mtime: new Date('2026-03-02T09:00:00Z'), mode: 0o100644};

/** Writes a package, which appears under its name when it is complete. An existing file is replaced. */
export async function buildPackage(path: string, recipe: PackageRecipe): Promise<void> {
	const temporary = `${path}.${randomUUID()}.tmp`;
	try {
		await pipeline(packageZip(recipe), createWriteStream(temporary, {flags: 'wx'}));
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, {force: true});
		throw error;
	}
}

function packageZip(recipe: PackageRecipe): Readable {
	const zip = new ZipFile();
	addText(zip, 'Description.txt', recipe.description ?? 'DataMiner Upgrade');
	addText(zip, 'SLUpgrade.dll', 'dms-upgrade lab: stands for the engine that carries the upgrade out\n');
	addText(zip, 'SLUpgrade64.dll', 'dms-upgrade lab: stands for the engine that carries the upgrade out\n');
	const update = updateZip(recipe);
	update.on('error', error => zip.emit('error', error));
	zip.addReadStream(update, 'Update.zip', {...entryOptions, compress: recipe.updateZip === 'deflated'});
	return finish(zip);
}

function updateZip(recipe: PackageRecipe): Readable {
	const zip = new ZipFile();
	const {actions = [], prerequisites = [], files = []} = recipe;
	if (actions.length > 0) {
		addText(zip, 'UpdateContent.txt', actions.map(action => `${action}\r\n`).join(''));
	}

	for (const {check, content} of prerequisites) {
		addText(zip, `Prerequisites/${check}.dll`, content);
	}

	if (recipe.executor ?? prerequisites.length > 0) {
		addText(
			zip,
			'Prerequisites/executor/StandaloneBpaExecutor.exe',
			'dms-upgrade lab: stands for the program that runs the tests\n',
		);
	}

	for (const {path, content} of files) {
		if (typeof content === 'string' || Buffer.isBuffer(content)) {
			addText(zip, path, content);
		} else {
			const size = content.fillerBytes;
			zip.addReadStreamLazy(path, {...entryOptions, compress: false, size}, callback =>
				callback(null, fillerBytes(path, size)),
			);
		}
	}

	return finish(zip);
}

function addText(zip: ZipFile, path: string, content: string | Buffer): void {
	zip.addBuffer(Buffer.isBuffer(content) ? content : Buffer.from(content), path, entryOptions);
}

/** yazl reports its errors beside its stream; whoever reads the stream should meet them there. */
function finish(zip: ZipFile): Readable {
	const stream = new PassThrough();
	zip.on('error', (error: Error) => stream.destroy(error));
	zip.outputStream.pipe(stream);
	zip.end();
	return stream;
}
