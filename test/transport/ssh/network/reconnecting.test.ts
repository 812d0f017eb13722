import {connect, createServer} from 'node:net';
import {afterEach, expect, test} from 'vitest';
import {ConnectionLostError, UnreachableError} from '../../../../source/agent/machine-errors.ts';
import {SshNetwork} from '../../../../source/transport/ssh/network/ssh-network.ts';
import {SshMachine} from '../../../../source/transport/ssh/ssh-machine.ts';
import {eventually} from '../../../support/eventually.ts';
import {ManualClock} from '../../../support/manual-clock.ts';
import {startOddServer} from '../../../support/odd-ssh-server.ts';
import {freePort} from '../../../support/sshd.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) {
		await step();
	}
});

async function aNetwork() {
	const clock = new ManualClock(0);
	const network = new SshNetwork({clock, random: () => 0, reconnect: {firstMs: 1000, mostMs: 60_000}});
	const server = await startOddServer({exec: (_, channel) => (channel.exit(0), channel.end())});
	cleanUp.push(() => server.stop());
	const aMachine = (port = server.options.port) => {
		const machine = new SshMachine({...server.options, port, network});
		cleanUp.push(() => machine.close());
		return machine;
	};
	return {clock, server, aMachine};
}

const call = {program: 'x.exe', args: []};

test('a server that is not there is tried at once, and then ever more seldom', async () => {
	const {clock, aMachine} = await aNetwork();
	const machine = aMachine(await freePort());
	await expect(machine.run(call)).rejects.toThrow(UnreachableError);
	for (const waitMs of [1000, 2000, 4000]) {
		const again = machine.run(call);
		const outcome = expect(again).rejects.toThrow(UnreachableError);
		await eventually(() => clock.sleeping === 1);
		clock.advance(waitMs - 1);
		expect(clock.sleeping).toBe(1);
		clock.advance(1);
		await outcome;
	}
});

test('whoever waits for the next try is told at once when nobody wants it any more', async () => {
	const {clock, aMachine} = await aNetwork();
	const machine = aMachine(await freePort());
	await expect(machine.run(call)).rejects.toThrow(UnreachableError);
	const waiting = machine.run(call);
	const outcome = expect(waiting).rejects.toThrow(ConnectionLostError);
	await eventually(() => clock.sleeping === 1);
	await machine.close();
	await outcome;
});

test('a server that hangs up before it says anything is tried again by itself', async () => {
	const {clock, server, aMachine} = await aNetwork();
	let connections = 0;
	const port = await freePort();
	const door = createServer(socket => {
		connections += 1;
		socket.on('error', () => undefined);
		if (connections <= 2) {
			socket.resume().end('Exceeded MaxStartups\r\n');
			return;
		}

		const through = connect({port: server.options.port, host: '127.0.0.1', noDelay: true});
		through.on('error', () => undefined);
		through.on('close', () => socket.destroy());
		socket.on('close', () => through.destroy());
		socket.pipe(through).pipe(socket);
	});
	await new Promise<void>(resolve => door.listen(port, '127.0.0.1', resolve));
	cleanUp.push(() => new Promise(resolve => door.close(resolve)));
	const machine = aMachine(port);
	const running = machine.run(call);
	for (const waitMs of [100, 200]) {
		await eventually(() => clock.sleeping === 1);
		clock.advance(waitMs);
	}

	expect(await running).toMatchObject({exitCode: 0});
	expect(connections).toBe(3);
	await machine.close();
});
