import {keySpans, keysThatFit, tabSpans} from './chrome.ts';
import {type Span, layLine} from './components/spans.ts';
import {footerBindings} from './input/footer.ts';
import {glyphsFor} from './theme/glyphs.ts';

export interface SplashOptions {
	readonly columns: number;
	readonly rows: number;
	readonly ascii: boolean;
	/** What stands where the cluster's name will be. */
	readonly title?: string;
}

/**
 * What the first frame of the dashboard will look like, without what is not known yet and without colours: `rows`
 * lines. It can be painted before anything heavy is loaded.
 */
export function splashFrame({columns, rows, ascii, title = 'dms-upgrade'}: SplashOptions): string {
	const glyphs = glyphsFor(ascii);
	const line = (spans: readonly Span[], end: readonly Span[] = []) =>
		layLine(spans, end, columns, glyphs)
			.map(({text}) => text)
			.join('')
			.trimEnd();
	const {left, right} = footerBindings(['manage'], {leaving: true});
	const empty = Array.from({length: Math.max(0, rows - 3)}, () => '');
	return [
		line([` ${title}`]),
		line(tabSpans('manage', glyphs)),
		...empty,
		line(keySpans(keysThatFit(left, right, columns)), keySpans(right)),
	]
		.slice(-rows)
		.join('\n');
}
