import {PastRun} from '../../source/ui/past-run.ts';
import type {RunSummary} from '../../source/ui/ports.ts';
import type {ScreenSize} from '../../source/ui/state/update.ts';
import {aClusterView, aStatus} from './a-cluster.ts';
import {ARun, aBigPackage, aPlan, aSummary, kim, shownRun, staleLock} from './a-run.ts';
import {oncePerSize} from './once-per-size.ts';
import {Pressed} from './press.ts';

const MiB = 1024 ** 2;
const seconds = 1000;

/** Upgrade › Progress with this run, at the time of its newest event; `changes`: to how it is listed. */
export function onProgress(run: ARun, size?: ScreenSize, changes: Partial<RunSummary> = {}): Pressed {
	return new Pressed({cluster: aClusterView()}, size).news(shownRun(run, changes), run.now).press('3');
}

/** Presses keys that lead to other moments of a run, and shows those. */
export function steppedThrough(pressed: Pressed, run: ARun, ...keys: readonly string[]): Pressed {
	const past = new PastRun({read: after => run.events.slice(after)});
	for (const key of keys) {
		const effect = pressed.press(key).effects.find(({do: act}) => act === 'look-at');
		const moment =
			effect?.do === 'look-at' && effect.sequence !== undefined ? past.at(effect.sequence) : undefined;
		const {past: before, ...present} = pressed.state.data;
		pressed.tell({
			type: 'data',
			data: {...present, ...(effect ? moment && {past: moment} : before && {past: before})},
			now: pressed.state.now,
		});
	}

	return pressed;
}

/** Every Agent uploads, each at its own rate; the last one has finished. */
export function anUpload(run = new ARun()): ARun {
	run
		.checked()
		.wait(2 * seconds)
		.uploading()
		.wait(20 * seconds);
	run.each((agent): {type: 'upload.progressed'; agent: string; bytes: number} => ({
		type: 'upload.progressed',
		agent,
		bytes: ((run.plan.agents.indexOf(agent) % 5) + 1) * 170 * MiB,
	}));
	return run.uploaded(run.plan.agents.slice(-1));
}

/** All packages uploaded, all prerequisites passed. */
export function aTestedRun(run = new ARun()): ARun {
	return run
		.checked()
		.uploading()
		.wait(42 * seconds)
		.uploaded()
		.wait(5 * seconds)
		.tested()
		.wait(3 * seconds);
}

/** Two Agents upgrade, one restarts, one is out of reach, one is done. */
export function anUpgrade(run = aTestedRun()): ARun {
	run.launched().wait(31 * seconds);
	const [first = '', second = '', third = '', fourth = '', fifth = ''] = run.plan.agents;
	run
		.says(first, 'information', 'Starting upgrade thread for agent 10.0.0.1. Execute Parts: Upgrade')
		.says(first, 'step', 'Update Files')
		.says(second, 'progress', 'Extracting package...')
		.says(fifth, 'notice', 'Service SLNetCOM took 40 s to stop.')
		.wait(9 * seconds)
		.record({type: 'contact.lost', agent: third, expected: true, reason: 'The server closed the connection.'})
		.wait(12 * seconds)
		.record({type: 'contact.lost', agent: fourth, expected: false, reason: 'No answer for 30 s.'})
		.says(second, 'step', 'Register DLLs')
		.record({type: 'agent.verifying', agent: fifth})
		.wait(12 * seconds);
	return run.verified([fifth]);
}

/** The run is over and every Agent runs the new version. */
export function aDoneRun(run = aTestedRun()): ARun {
	return run
		.launched()
		.wait(734 * seconds)
		.each(agent => ({type: 'agent.verifying', agent}))
		.wait(60 * seconds)
		.verified()
		.record({type: 'phase.started', phase: 'verification'})
		.wait(2 * seconds)
		.record({type: 'run.finished', outcome: 'done'});
}

/** One Agent failed, one is unknown, the others are done. */
export function aFailedRun(run = aTestedRun()): ARun {
	const [first = '', second = '', ...others] = run.plan.agents;
	return run
		.launched()
		.wait(500 * seconds)
		.says(first, 'error', 'Could not register SLDMS.dll (0x80070005).')
		.record(
			{
				type: 'agent.failed',
				agent: first,
				failure: {
					code: 'UPGRADE_FAILED',
					message: 'Its progress.log ends with an error: Could not register SLDMS.dll (0x80070005).',
					nextSteps: [
						'Read C:\\Skyline DataMiner\\Upgrades on this Agent.',
						'When the cause is gone, upgrade this Agent again.',
					],
				},
			},
			{
				type: 'agent.unknown',
				agent: second,
				failure: {
					code: 'CONTACT_LOST',
					message: 'It has not answered for 45 minutes since its upgrade was launched.',
					nextSteps: ['Look at its console.'],
				},
			},
		)
		.verified(others)
		.record({
			type: 'run.finished',
			outcome: 'failed',
			failure: {
				code: 'AGENTS_FAILED',
				message:
					'1 Agent failed and 1 is unknown. The cluster runs two versions until they are upgraded too.',
				nextSteps: ['Bring the failed Agents to the version of the others before anything else.'],
			},
		});
}

/** A prerequisite failed on one Agent, so that nothing was launched. */
export function aFailedTest(run = new ARun()): ARun {
	run
		.checked()
		.uploading()
		.wait(42 * seconds)
		.uploaded();
	const [first = '', second = ''] = run.plan.agents;
	return run
		.record({type: 'phase.started', phase: 'prerequisites'})
		.each(agent => ({type: 'prerequisites.started', agent, checks: 3}))
		.wait(4 * seconds)
		.each(agent => ({
			type: 'prerequisite.finished',
			agent,
			result: {check: 'VerifyDotNet8', outcome: 'passed', message: ''},
		}))
		.record({
			type: 'prerequisite.finished',
			agent: second,
			result: {
				check: 'VerifyClusterPorts',
				outcome: 'failed',
				message: 'Port 9090 on DMA-03 cannot be reached from this Agent.',
			},
		})
		.record({
			type: 'prerequisite.finished',
			agent: first,
			result: {check: 'VerifyClusterPorts', outcome: 'passed', message: ''},
		})
		.record({
			type: 'agent.failed',
			agent: second,
			failure: {
				code: 'PREREQUISITE_FAILED',
				message:
					'Prerequisite VerifyClusterPorts failed: Port 9090 on DMA-03 cannot be reached from this Agent.',
				nextSteps: ['Open the port between the Agents, then upload again.'],
			},
		})
		.record({
			type: 'run.finished',
			outcome: 'failed',
			failure: {
				code: 'PREREQUISITES_FAILED',
				message: 'A prerequisite failed on DMA-02. Nothing was upgraded.',
				nextSteps: ['Do what the prerequisite asks for, then start again.'],
			},
		});
}

/** One Agent is not ready, which ended the run before anything was changed. */
export function aBlockedRun(run = new ARun()): ARun {
	return run
		.checked({'DMA-02': aStatus({freeBytes: 2 * 1024 ** 3})})
		.wait(seconds)
		.record({
			type: 'run.finished',
			outcome: 'blocked',
			failure: {
				code: 'NOT_READY',
				message: 'DMA-02 is not ready. Nothing was changed on any Agent.',
				nextSteps: [],
			},
		});
}

/** The lock of an Agent belongs to a run whose runner seems to be dead. */
export function aRunBeforeAStaleLock(run = new ARun()): ARun {
	return run
		.checked()
		.wait(31 * seconds)
		.record({type: 'run.finished', outcome: 'blocked', failure: staleLock});
}

/** The second attempt of a run of which two Agents were not done. */
export function aRetriedRun(run = aFailedRun()): ARun {
	const [first = '', second = ''] = run.plan.agents;
	return run
		.wait(900 * seconds)
		.retried()
		.record({type: 'phase.started', phase: 'upgrade'}, {type: 'step.started', step: 0})
		.record({type: 'launch.started', agent: first})
		.wait(12 * seconds)
		.says(first, 'step', 'Update Files')
		.verified([second]);
}

/** An Agent's log that is longer than the screen. */
export function aLongLog(run = aTestedRun()): ARun {
	run.launched();
	const first = run.plan.agents[0] ?? '';
	for (let line = 1; line <= 40; line++) {
		run
			.wait(seconds)
			.says(
				first,
				line % 9 === 0 ? 'notice' : line % 5 === 0 ? 'step' : 'information',
				line % 7 === 0
					? `Line ${line}: Could not auto-detect port number for slnetipc via EndPoints.txt: Could not auto-detect URI for slnetipc: An error occurred while sending the request.`
					: `Line ${line}: extracting Files\\SL${line}.dll`,
			);
	}

	return run;
}

/** The Progress screen in each of its situations. */
export const progressSituations = oncePerSize(size => {
	const long = aLongLog();
	const grown = aLongLog();
	for (let line = 41; line <= 43; line++) {
		grown.wait(seconds).says('DMA-01', 'information', `Line ${line}: arrived later`);
	}

	const waves = aTestedRun(new ARun(aPlan({policy: 'BackupFirst'})))
		.launched(['DMA-05'])
		.wait(31 * seconds)
		.says('DMA-05', 'step', 'Update Files');
	const wide = aPlan({}, {singles: 1000, pairs: 0});
	return {
		none: {...new Pressed({cluster: aClusterView()}, size).state, screen: 'progress'},
		'none-open': {
			...new Pressed({cluster: aClusterView(), runs: [aSummary(aDoneRun())]}, size).state,
			screen: 'progress',
		},
		starting: new Pressed({cluster: aClusterView(), shown: 'r1'}, size).state,
		begun: onProgress(new ARun(), size).state,
		'starting-another': onProgress(aDoneRun(), size).news({starting: aBigPackage().file}).state,
		blocked: onProgress(aBlockedRun(), size).press('down').state,
		uploading: onProgress(anUpload(), size).state,
		testing: onProgress(
			new ARun()
				.checked()
				.uploading()
				.wait(9 * seconds)
				.uploaded()
				.record({type: 'phase.started', phase: 'prerequisites'})
				.each(agent => ({type: 'prerequisites.started', agent, checks: 3})),
			size,
		).state,
		'test-failed': onProgress(aFailedTest(), size).press('down').state,
		upgrading: onProgress(anUpgrade(), size).press('down', 'down', 'down').state,
		waves: onProgress(waves, size).press('G').state,
		done: onProgress(aDoneRun(), size).state,
		uploaded: onProgress(
			aTestedRun(new ARun(aPlan({goal: 'upload'}))).record({type: 'run.finished', outcome: 'done'}),
			size,
		).state,
		failed: onProgress(aFailedRun(), size).state,
		'stop-early': onProgress(anUpload(), size).press('X').state,
		'stop-late': onProgress(anUpgrade(), size).press('X').state,
		stopping: onProgress(anUpgrade().stopAsked(), size).state,
		'stopping-early': onProgress(anUpload().stopAsked(), size).state,
		interrupted: onProgress(anUpgrade(), size, {standing: 'interrupted'}).state,
		'interrupted-asked': onProgress(anUpgrade(), size, {standing: 'interrupted'}).press('r').state,
		'at-start-interrupted': new Pressed(
			{cluster: aClusterView(), ...shownRun(anUpgrade(), {standing: 'interrupted'})},
			size,
		).state,
		paused: onProgress(aFailedRun(), size, {standing: 'paused'}).state,
		'paused-log': onProgress(aFailedRun(), size, {standing: 'paused'}).press('down', 'enter').state,
		'retry-asked': onProgress(aFailedRun(), size, {standing: 'paused'}).press('r').state,
		'end-asked': onProgress(aFailedRun(), size, {standing: 'paused'}).press('e').state,
		retried: onProgress(aRetriedRun(), size).state,
		ended: onProgress(aFailedRun().record({type: 'run.ended', operator: kim}), size).state,
		behind: onProgress(anUpgrade(), size).news({behind: true}).state,
		'stale-lock': onProgress(aRunBeforeAStaleLock(), size).state,
		'stale-lock-asked': onProgress(aRunBeforeAStaleLock(), size).press('r').state,
		past: steppedThrough(onProgress(aFailedRun(), size), aFailedRun(), '{', '<', '<', '<', '<').state,
		'past-log': steppedThrough(onProgress(long, size).press('enter'), long, '<', '<', '<', '<').state,
		general: onProgress(aFailedRun(), size).press('tab').state,
		'log-following': onProgress(long, size).press('enter').state,
		'log-scrolled-up': onProgress(long, size).press('enter', 'pageup').news({run: grown.state}, grown.now)
			.state,
		'log-wrapped': onProgress(long, size).press('enter', 'w').state,
		'log-filtered': onProgress(long, size).press('enter', '/').typed('endp').state,
		'a-thousand': onProgress(anUpload(new ARun(wide)), size).press('G').state,
		'a-thousand-log': onProgress(anUpload(new ARun(wide)), size).press('G', 'up', 'enter').state,
	};
});
