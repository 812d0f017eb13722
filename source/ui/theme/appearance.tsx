import {createContext, type ReactNode, useContext, useMemo} from 'react';
import type {TerminalAppearance} from '../../config/appearance.ts';
import {type Glyphs, glyphsFor} from './glyphs.ts';
import {type Theme, themeFor} from './theme.ts';

/** What the terminal can show and the user wants; decided once, outside. */
export interface Appearance extends TerminalAppearance {
	/** Whether something may move by itself; it may where this is not said. */
	readonly animated?: boolean;
}

interface Look {
	readonly appearance: Appearance;
	readonly theme: Theme;
	readonly glyphs: Glyphs;
}

function lookOf(appearance: Appearance): Look {
	return {appearance, theme: themeFor(appearance.color), glyphs: glyphsFor(appearance.ascii)};
}

const LookContext = createContext<Look>(lookOf({color: true, ascii: false}));

interface AppearanceProviderProps {
	readonly appearance: Appearance;
	readonly children: ReactNode;
}

export function AppearanceProvider({appearance, children}: AppearanceProviderProps) {
	const look = useMemo(() => lookOf(appearance), [appearance]);
	return <LookContext value={look}>{children}</LookContext>;
}

export function useAppearance(): Appearance {
	return useContext(LookContext).appearance;
}

export function useTheme(): Theme {
	return useContext(LookContext).theme;
}

export function useGlyphs(): Glyphs {
	return useContext(LookContext).glyphs;
}
