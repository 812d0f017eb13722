/**
 * Runs for each command that OpenSSH's server gets, and for each file transfer: hands it to the simulated Agent behind
 * the socket that the first argument names, and gives back what comes of it.
 */
import {connect} from 'node:net';
import {createInterface} from 'node:readline';

const [socketPath = '', subsystem = ''] = process.argv.slice(2);
const command = process.env['SSH_ORIGINAL_COMMAND'] ?? '';
const isFileTransfer = subsystem !== '' && command === subsystem;
const parent = process.ppid;
const socket = connect(socketPath);
socket.on('error', () => process.exit(255));
socket.write(`${JSON.stringify(isFileTransfer ? {files: true} : {command})}\n`);
// Windows ends what runs in a session with it; here only the new parent tells that it is over.
setInterval(() => {
	if (process.ppid !== parent) {
		process.exit(255);
	}
}, 20);
if (isFileTransfer) {
	process.stdin.pipe(socket);
	socket.pipe(process.stdout);
	socket.on('close', () => process.exit(0));
} else {
	let exitCode = 255;
	const lines = createInterface({input: socket});
	lines.on('line', line => {
		const {out, err, exit} = JSON.parse(line) as {out?: string; err?: string; exit?: number};
		process.stdout.write(Buffer.from(out ?? '', 'base64'));
		process.stderr.write(Buffer.from(err ?? '', 'base64'));
		exitCode = exit ?? exitCode;
	});
	lines.on('close', () => {
		process.stdout.write('', () => process.exit(exitCode));
	});
}
