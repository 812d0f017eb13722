import {smallestSize} from '../../../source/ui/state/layout.ts';
import {testFrames} from '../../support/frames.tsx';
import {filesSituations, scheduleSituations} from '../../support/schedule-situations.ts';

for (const [family, statesAt] of [
	['schedule', scheduleSituations],
	['files', filesSituations],
] as const) {
	for (const name of Object.keys(statesAt(smallestSize))) {
		testFrames(`${family}-${name}`, size => {
			const state = statesAt(size)[name];
			if (!state) {
				throw new Error(`There is no situation ${name}.`);
			}

			return state;
		});
	}
}
