import {parseVersion} from '../../source/domain/version.ts';
import {type SecretQuestion, serviceCertificate} from '../../source/agent/prompts.ts';
import type {Agent} from '../../source/domain/agent.ts';
import type {AgentView, Question} from '../../source/ui/ports.ts';
import type {DashboardState} from '../../source/ui/state/dashboard.ts';
import type {DashboardData, ScreenSize} from '../../source/ui/state/update.ts';
import {aClusterView, aStatus, testTime} from './a-cluster.ts';
import {aSummary, shownRun} from './a-run.ts';
import {Pressed} from './press.ts';
import {aDoneRun, aFailedRun, anUpgrade, anUpload} from './progress-situations.ts';

/** Agents › Manage of a cluster whose every Agent is well. */
export function onManage(data: Partial<DashboardData> = {}, size?: ScreenSize): Pressed {
	return new Pressed({cluster: aClusterView(), ...data}, size);
}

export const aHostKeyQuestion: Extract<Question, {kind: 'host key'}> = {
	kind: 'host key',
	id: 1,
	question: {
		address: 'DMA-01',
		host: '10.0.0.1',
		port: 2222,
		keyType: 'ssh-ed25519',
		fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BrWZ6r3A0m0nQpDAj3PSIXGs',
		otherNames: ['dma-01.example'],
	},
};

export function aSecretQuestion(differences: Partial<SecretQuestion> = {}, id = 2): Question {
	return {
		kind: 'secret',
		id,
		question: {
			kind: 'password',
			address: 'DMA-01',
			host: '10.0.0.1',
			port: 22,
			user: 'Administrator',
			text: 'Password of Administrator',
			instructions: '',
			echo: false,
			again: false,
			goodOnce: false,
			...differences,
		},
	};
}

export const lostAgent: AgentView = {
	dataMinerId: 101,
	asOf: testTime - 194_000,
	failure: {
		code: 'UNREACHABLE',
		message: 'DMA-02 (10.0.0.2) did not answer within 10 s.',
		nextSteps: ['Check that the server is on and that its port 22 can be reached from here.'],
	},
};

function aTroubledCluster() {
	const newer = parseVersion('10.6.4.0-16868');
	return aClusterView(
		{singles: 6},
		{
			'DMA-01': {status: aStatus({...(newer && {version: newer})}), asOf: testTime, dataMinerId: 100},
			'DMA-02': lostAgent,
			'DMA-03': {status: aStatus({state: 'Starting'}), asOf: testTime},
			'DMA-04': {status: aStatus({state: 'Not running'}), asOf: testTime},
			'DMA-05': {
				status: aStatus({upgradeInProgress: 'DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade'}),
				asOf: testTime,
			},
			'DMA-06': {},
		},
	);
}

/** Agents that are reached over SSH and over HTTPS, directly and not. */
function aMixedCluster() {
	const view = aClusterView({singles: 2, pairs: 1});
	const routes: readonly Partial<Agent>[] = [
		{route: {host: 'dma-01.example', port: 22, user: 'Administrator', via: ['jump host outer']}},
		{
			reachedBy: 'HTTPS',
			route: {host: '10.0.0.2', port: 8443, via: ['proxy proxy.example:3128']},
		},
		{reachedBy: 'HTTPS', route: {host: '10.0.0.3', port: 443, via: []}},
	];
	const agents = view.cluster.agents.map((agent, index) => ({...agent, ...routes[index]}));
	return {...view, cluster: {...view.cluster, agents}};
}

/** Agents › Manage in each of its situations. */
export function manageSituations(size: ScreenSize): Readonly<Record<string, DashboardState>> {
	const upgrade = anUpgrade();
	const stopped = aClusterView({}, {'DMA-01': {status: aStatus({state: 'Not running'}), asOf: testTime}});
	return {
		starting: new Pressed({}, size).state,
		well: onManage({}, size).state,
		pair: onManage({}, size).press('j', 'j', 'j').state,
		'not-running': onManage({cluster: stopped}, size).state,
		troubled: onManage({cluster: aTroubledCluster()}, size).press('j').state,
		'reached-over-ssh': onManage({cluster: aMixedCluster()}, size).state,
		'reached-over-https': onManage({cluster: aMixedCluster()}, size).press('j').state,
		'many-agents': onManage({cluster: aClusterView({singles: 80, pairs: 10})}, size).press('G', 'k').state,
		filtering: onManage({}, size).press('/').typed('04').state,
		'filter-without-match': onManage({}, size).press('/').typed('munich').press('enter').state,
		upgrading: onManage({}, size).news(shownRun(upgrade), upgrade.now).state,
		uploading: onManage({}, size).news(shownRun(anUpload())).state,
		upgraded: onManage({}, size).news(shownRun(aDoneRun())).state,
		// An old run is shown on Progress, while another one waits to be tried once more.
		'another-paused': onManage({}, size).news({
			...shownRun(aDoneRun()),
			runs: [aSummary(aFailedRun(), {run: '2026-03-06-2', standing: 'paused'}), aSummary(aDoneRun())],
		}).state,
		'under-way': onManage({}, size).press('X', 'y').state,
		refused: onManage({}, size).press('S').state,
	};
}

/** What lies over the screens, and their frame. */
export function overlaySituations(size: ScreenSize): Readonly<Record<string, DashboardState>> {
	const upgrade = anUpgrade();
	return {
		'dialog-start': onManage(
			{cluster: aClusterView({}, {'DMA-01': {status: aStatus({state: 'Not running'})}})},
			size,
		).press('S').state,
		'dialog-stop': onManage({}, size).press('j', 'j', 'j', 'X').state,
		'dialog-restart': onManage({}, size).press('T', 'right').state,
		'dialog-failure': onManage({}, size)
			.press('X', 'y')
			.answered({
				to: 'control',
				agent: 'DMA-01',
				failure: {
					code: 'UNREACHABLE',
					message: 'DMA-01 closed the connection before it said that DataMiner stopped.',
					nextSteps: ['Press R to see how it is now.', 'Look at C:\\Skyline DataMiner\\Logging there.'],
				},
			}).state,
		'host-key': onManage({question: aHostKeyQuestion}, size).news({}).typed('ye').state,
		certificate: onManage(
			{
				question: {
					kind: 'host key',
					id: 1,
					question: {
						...aHostKeyQuestion.question,
						port: 8443,
						keyType: serviceCertificate,
						fingerprint: Array.from({length: 32}, (_, index) =>
							(0xa0 + index).toString(16).toUpperCase(),
						).join(':'),
						otherNames: [],
					},
				},
			},
			size,
		).news({}).state,
		password: onManage({question: aSecretQuestion()}, size).news({}).typed('hunter2').state,
		'password-again': onManage(
			{
				question: aSecretQuestion({
					kind: 'keyboard-interactive',
					text: 'Verification code: ',
					instructions: 'Code of the authenticator app for edith. It changes every 30 seconds.',
					echo: true,
					again: true,
				}),
			},
			size,
		)
			.news({})
			.typed('123 456').state,
		'token-again': onManage(
			{
				question: aSecretQuestion({
					kind: 'token',
					port: 8443,
					user: '',
					text: 'Token for the service of dms-upgrade, port 8443',
					instructions: 'The service on DMA-01 refused: the token has expired.',
					again: true,
				}),
			},
			size,
		)
			.news({})
			.typed('dmsu_').state,
		'dialog-leave': onManage({}, size).news(shownRun(upgrade), upgrade.now).press('q').state,
		interrupted: onManage({}, size).news(shownRun(upgrade), upgrade.now).press('ctrl+c').state,
		menu: onManage({}, size).press('enter', 'j').state,
		'menu-lost': onManage({cluster: aTroubledCluster()}, size).press('j', 'enter').state,
		help: onManage({}, size).press('?', 'j').state,
		'help-end': onManage({}, size).press('?', 'G').state,
		'help-search': onManage({}, size).press('?', '/').typed('agent').state,
		palette: onManage({}, size).press(':').state,
		'palette-search': onManage({}, size).press(':').typed('st').press('down').state,
		'palette-nothing': onManage({}, size).press(':').typed('delete').state,
	};
}
