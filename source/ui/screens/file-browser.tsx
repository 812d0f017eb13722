import {Box} from 'ink';
import {formatBytes} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {cutStart} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {type FileBrowser, type FileRow, fileRows} from '../state/file-browser.ts';
import {visibleRows} from '../state/list-view.ts';
import {useGlyphs} from '../theme/appearance.tsx';

interface FileBrowserViewProps {
	readonly browser: FileBrowser;
	readonly width: number;
	readonly height: number;
}

/** Lines beside the folders and packages: the folder, the names of the columns, and two that say how it went. */
const otherRows = 4;

/** Folders and packages to choose from. */
export function FileBrowserView({browser, width, height}: FileBrowserViewProps) {
	const glyphs = useGlyphs();
	const room = Math.max(1, height - otherRows);
	const rows = fileRows(browser);
	const shown = visibleRows(rows, browser.view, room);
	const path = visibleText(browser.listing?.path ?? '');
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Line
				width={width}
				spans={[['title', 'NEW PACKAGE'], `  ${cutStart(path, width - 30, glyphs)}`]}
				end={rows.length > room ? [['muted', `${browser.view.cursor + 1} of ${rows.length}`]] : []}
			/>
			<Line width={width} spans={[['muted', '   NAME']]} end={[['muted', 'SIZE ']]} />
			{Array.from({length: room}, (_, index) => {
				const [row, place] = shown[index] ?? [];
				return row ? (
					<Line
						key={index}
						width={width}
						spans={rowSpans(row)}
						end={row.size === undefined ? [] : [['muted', `${formatBytes(row.size)} `]]}
						selected={place === browser.view.cursor}
					/>
				) : (
					<Line key={index} width={width} spans={[]} />
				);
			})}
			{standing(browser).map((spans, index) => (
				<Line key={index} width={width} spans={spans} />
			))}
		</Box>
	);

	function standing({reading, failure, listing}: FileBrowser): readonly (readonly Span[])[] {
		if (reading !== undefined) {
			return [
				[['accent', ` ${glyphs.changing} Reading ${reading === '' ? 'the folder' : visibleText(reading)}…`]],
				[],
			];
		}

		if (failure) {
			return [
				[['bad', ` ${glyphs.failed} ${visibleText(failure.message)}`]],
				[`   ${visibleText(failure.nextSteps[0] ?? '')}`],
			];
		}

		return listing && !listing.entries.some(({folder}) => !folder)
			? [[['muted', ' No .dmupgrade package is in this folder.']], []]
			: [[], []];
	}

	function rowSpans({kind, name}: FileRow): readonly Span[] {
		const shownName = visibleText(name);
		switch (kind) {
			case 'parent':
				return [['muted', `   ${shownName}  folder above`]];
			case 'folder':
				return [` ${glyphs.closed} ${shownName}`];
			case 'package':
				return [`   ${shownName}`];
		}
	}
}
