import {expect, test} from 'vitest';
import {chooseCluster} from '../../source/ui/choose-cluster.tsx';
import {type Variant, appearances, bytesOf, fakeTerminal, flawsOf, waitFor} from '../support/mount.tsx';

const options = [
	{name: 'Headend', agents: 5},
	{name: 'Test system', agents: 1},
	...Array.from({length: 30}, (_, index) => ({name: `Site ${index + 1}`, agents: 2})),
];

async function begin({
	variant = 'color',
	columns = 80,
	rows = 24,
}: {variant?: Variant; columns?: number; rows?: number} = {}) {
	const fake = fakeTerminal({columns, rows});
	const chosen = chooseCluster({
		options,
		appearance: appearances[variant],
		stdin: fake.stdin,
		stdout: fake.stdout,
	});
	const text = () => fake.screen().join('\n');
	const shows = (described: (text: string) => boolean) => waitFor(text, described);
	await shows(now => now.includes('Which cluster?') || now.includes('small'));
	return {...fake, chosen, text, shows};
}

test.each<Variant>(['color', 'no-color', 'ascii'])(
	'the clusters and how many Agents they have stand there (%s)',
	async variant => {
		const {text, send, chosen, screen, styles} = await begin({variant});
		expect(text()).toMatch(/Headend .* 5 Agents/);
		expect(text()).toMatch(/Test system .* 1 Agent /);
		expect(flawsOf({screen, styles}, {columns: 80, rows: 24, variant})).toEqual([]);
		send('q');
		await chosen;
	},
);

test('a burst of keys chooses what single keys would', async () => {
	const {send, chosen, terminal, stdin} = await begin();
	send('jjjk\r');
	await expect(chosen).resolves.toBe('Site 1');
	expect(terminal.buffer.active.type).toBe('normal');
	expect(stdin.isRaw).toBe(false);
});

test('a list longer than the screen moves with the cursor', async () => {
	const {send, chosen, shows} = await begin();
	send('G');
	await shows(text => text.includes('Site 30') && !text.includes('Headend'));
	send('\r');
	await expect(chosen).resolves.toBe('Site 30');
});

test('ctrl+c leaves', async () => {
	const {send, chosen} = await begin();
	send(bytesOf('ctrl+c'));
	await expect(chosen).resolves.toBeUndefined();
});

test('on a terminal that is too small it says so, and grows with it', async () => {
	const menu = await begin({columns: 60, rows: 15});
	const {send, chosen, shows} = menu;
	send('\r');
	menu.resize(80, 24);
	await shows(text => text.includes('Headend'));
	send('\r');
	await expect(chosen).resolves.toBe('Headend');
});
