import {cut, graphemes, wrap} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {Panel} from '../components/panel.tsx';
import type {OpenSecret} from '../state/question.ts';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';

interface SecretBoxProps {
	readonly open: OpenSecret;
	readonly size: ScreenSize;
}

const widest = 76;

const titles = {
	passphrase: 'Passphrase of a key',
	password: 'Password',
	'keyboard-interactive': 'The server asks',
	token: 'Token',
} as const;

/** A question whose answer is typed, as a rule unseen. */
export function SecretBox({open: {asked, typed}, size}: SecretBoxProps) {
	const glyphs = useGlyphs();
	const {kind, address, text, instructions, echo, again} = asked.question;
	const width = Math.min(widest, size.columns - 4);
	const inner = width - 2;
	const room = Math.max(1, size.rows - 9);
	const told = [...(again ? ['That was not right.'] : []), ...(instructions === '' ? [] : [instructions])]
		.flatMap(line => wrap(line, inner - 4, glyphs))
		.slice(0, room);
	const asking = wrap(`${address}: ${text.replace(/:?\s*$/, '')}:`, inner - 4, glyphs).slice(0, 3);
	const signs = graphemes(typed);
	// The end of it is what is being typed.
	const shown = (echo ? signs : signs.map(() => '*')).slice(-(inner - 6)).join('');
	const rows: readonly (readonly Span[])[] = [
		[],
		...told.map((line): readonly Span[] => [['warning', `  ${line}`]]),
		...asking.map((line): readonly Span[] => [`  ${line}`]),
		['  ', echo ? cut(shown, inner - 4, glyphs) : shown, ['accent', glyphs.caret]],
		[],
		[['muted', '  It is kept in memory only. esc: do not connect now.']],
		[],
	];
	return (
		<Panel title={titles[kind]} size={size} width={width} height={rows.length + 2}>
			{rows.map((spans, index) => (
				<Line key={index} spans={spans} width={inner} />
			))}
		</Panel>
	);
}
