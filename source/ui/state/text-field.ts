import {visibleText} from '../../domain/text.ts';
import {graphemes} from '../components/fit.ts';

/** More than anybody types, less than a pasted file. */
const longestText = 1000;

/** Text with what was typed or pasted at its end; line breaks and control characters are left out. */
export function typeText(text: string, typed: string): string {
	return (text + visibleText(typed.replaceAll(/[\u0000-\u001F\u007F]/g, ''))).slice(0, longestText);
}

/** What an editing action (`text.erase`, `text.clear`) makes of the text; undefined for other actions. */
export function editText(text: string, actionId: string): string | undefined {
	switch (actionId) {
		case 'text.erase':
			return graphemes(text).slice(0, -1).join('');
		case 'text.clear':
			return '';
		default:
			return undefined;
	}
}
