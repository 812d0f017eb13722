import {Box, Text} from 'ink';
import type {ReactNode} from 'react';
import type {ScreenSize} from '../state/update.ts';
import {useGlyphs, useTheme} from '../theme/appearance.tsx';
import type {Role} from '../theme/theme.ts';
import {cut, widthOf} from './fit.ts';

interface PanelProps {
	readonly title: string;
	readonly role?: Role;
	readonly size: ScreenSize;
	/** Columns and rows with the frame. */
	readonly width: number;
	readonly height: number;
	/** Lines of `width - 2` columns, `height - 2` of them. */
	readonly children: ReactNode;
}

/** A box in the middle of what it lies over. */
export function Panel({title, role = 'accent', size, width, height, children}: PanelProps) {
	const theme = useTheme();
	const glyphs = useGlyphs();
	const border = glyphs.ascii ? asciiBorder : roundBorder;
	const shown = cut(` ${title} `, width - 4, glyphs);
	const top = border.horizontal.repeat(Math.max(0, width - 3 - widthOf(shown)));
	const style = theme.role[role];
	const side = Array.from({length: height - 2}, () => border.vertical).join('\n');
	return (
		<Box
			position="absolute"
			top={Math.max(0, Math.floor((size.rows - height) / 2))}
			left={Math.max(0, Math.floor((size.columns - width) / 2))}
			width={width}
			height={height}
			flexDirection="column"
		>
			<Text {...style}>{`${border.topLeft}${border.horizontal}${shown}${top}${border.topRight}`}</Text>
			<Box height={height - 2}>
				<Box width={1} flexShrink={0}>
					<Text {...style}>{side}</Text>
				</Box>
				<Box width={width - 2} flexDirection="column" flexShrink={0}>
					{children}
				</Box>
				<Box width={1} flexShrink={0}>
					<Text {...style}>{side}</Text>
				</Box>
			</Box>
			<Text
				{...style}
			>{`${border.bottomLeft}${border.horizontal.repeat(width - 2)}${border.bottomRight}`}</Text>
		</Box>
	);
}

const roundBorder = {
	topLeft: '╭',
	topRight: '╮',
	bottomLeft: '╰',
	bottomRight: '╯',
	horizontal: '─',
	vertical: '│',
};

const asciiBorder = {
	topLeft: '+',
	topRight: '+',
	bottomLeft: '+',
	bottomRight: '+',
	horizontal: '-',
	vertical: '|',
};
