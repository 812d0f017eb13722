import type {Overlay} from '../state/dashboard.ts';
import type {ScreenSize} from '../state/update.ts';
import {DialogBox} from './dialog-box.tsx';
import {HelpBox} from './help-box.tsx';
import {MenuBox} from './menu-box.tsx';
import {PaletteBox} from './palette-box.tsx';
import {SecretBox} from './secret-box.tsx';

interface OverlayBoxProps {
	readonly overlay: Overlay;
	readonly size: ScreenSize;
	/** Why an action does nothing now. */
	readonly refusalOf: (actionId: string) => string | undefined;
}

/** What lies over a screen. */
export function OverlayBox({overlay, size, refusalOf}: OverlayBoxProps) {
	switch (overlay.kind) {
		case 'dialog':
			return <DialogBox open={overlay} size={size} />;
		case 'help':
			return <HelpBox open={overlay} size={size} refusalOf={refusalOf} />;
		case 'secret':
			return <SecretBox open={overlay} size={size} />;
		case 'menu':
			return <MenuBox open={overlay} size={size} refusalOf={refusalOf} />;
		case 'palette':
			return <PaletteBox open={overlay} size={size} refusalOf={refusalOf} />;
	}
}
