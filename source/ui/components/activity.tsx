import {Text} from 'ink';
import Spinner from 'ink-spinner';
import {useAppearance, useGlyphs, useTheme} from '../theme/appearance.tsx';

/** One cell that moves while something is alive; it stands still where nothing may move by itself. */
export function Activity() {
	const {animated = true, ascii} = useAppearance();
	const theme = useTheme();
	const glyphs = useGlyphs();
	return <Text {...theme.role.accent}>{animated && !ascii ? <Spinner type="dots" /> : glyphs.changing}</Text>;
}
