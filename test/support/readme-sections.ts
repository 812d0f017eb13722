import {faultInfos} from '../../source/lab/faults.ts';
import {keyText} from '../../source/ui/chrome.ts';
import {type KeyScope, keymap} from '../../source/ui/input/keymap.ts';

const scopeTitles: readonly (readonly [KeyScope, string])[] = [
	['everywhere', 'Everywhere'],
	['manage', 'Agents › Manage'],
	['schedule', 'Upgrade › Schedule'],
	['files', 'Upgrade › Schedule, choosing a file'],
	['progress', 'Upgrade › Progress'],
	['dialog', 'In a dialog'],
];

/** The keys of every screen, as Markdown tables, from the one key table. */
export function keySection(): string {
	return scopeTitles
		.map(([scope, title]) => {
			const rows = keymap
				.filter(binding => binding.scope === scope)
				.map(({keys, help}) => `| ${keys.map(key => `\`${keyText(key)}\``).join(' ')} | ${help} |`);
			return [`**${title}**`, '', '| keys | what they do |', '| --- | --- |', ...rows].join('\n');
		})
		.join('\n\n');
}

/** What can go wrong in the practice cluster, as a Markdown table. */
export function faultSection(): string {
	return [
		'| fault | what it stands for |',
		'| --- | --- |',
		...faultInfos.map(({name, meaning}) => `| \`${name}\` | ${meaning} |`),
	].join('\n');
}

/** Puts new content between `<!-- name -->` and `<!-- /name -->`. */
export function withSection(text: string, name: string, content: string): string {
	const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const [from, to] = [text.indexOf(open), text.indexOf(close)];
	if (from < 0 || to < from) {
		throw new Error(`there is no place for "${name}"`);
	}

	return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}
