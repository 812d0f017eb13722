import {type ConnectionLostError, UnreachableError} from '../../../agent/machine-errors.ts';
import type {SshSession} from '../ssh-session.ts';

interface SharedJump {
	readonly session: Promise<SshSession>;
	readonly stop: AbortController;
	users: number;
}

/** A jump host could not be gone through. Whether it will let others through later is open. */
export class JumpHostError extends UnreachableError {
	constructor(
		address: string,
		readonly hop: string,
		readonly reason: UnreachableError | ConnectionLostError,
	) {
		super(address, `it is behind ${hop}. ${reason.message.replace(/\.$/, '')}`, {cause: reason});
	}

	override get nextSteps() {
		return [`Check the way to ${this.hop} first.`, ...this.reason.nextSteps];
	}
}

/** A session with a jump host that is held until it is let go. */
export interface JumpLease {
	readonly session: Promise<SshSession>;
	release(): void;
}

/** The sessions with jump hosts: one for all who go the same way, and none when nobody does. */
export class JumpHosts {
	readonly #jumps = new Map<string, SharedJump>();

	/** @param way names the jump host and all before it, with everything that makes a login there different */
	lease(way: string, open: (signal: AbortSignal) => Promise<SshSession>): JumpLease {
		const jump = this.#jumps.get(way) ?? this.#begin(way, open);
		jump.users += 1;
		let held = true;
		return {
			session: jump.session,
			release: () => {
				if (held) {
					held = false;
					jump.users -= 1;
					if (jump.users === 0) {
						this.#end(way, jump);
					}
				}
			},
		};
	}

	#begin(way: string, open: (signal: AbortSignal) => Promise<SshSession>): SharedJump {
		const stop = new AbortController();
		const jump: SharedJump = {session: open(stop.signal), stop, users: 0};
		this.#jumps.set(way, jump);
		const forget = () => {
			if (this.#jumps.get(way) === jump) {
				this.#jumps.delete(way);
			}
		};
		jump.session.then(session => session.onEnd(forget), forget);
		return jump;
	}

	#end(way: string, jump: SharedJump): void {
		if (this.#jumps.get(way) === jump) {
			this.#jumps.delete(way);
		}

		jump.stop.abort(new Error('Nobody goes this way any more.'));
		jump.session.then(
			session => session.end(),
			() => undefined,
		);
	}
}
