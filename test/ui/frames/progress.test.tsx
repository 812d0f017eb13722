import {smallestSize} from '../../../source/ui/state/layout.ts';
import {testFrames} from '../../support/frames.tsx';
import {progressSituations} from '../../support/progress-situations.ts';

for (const name of Object.keys(progressSituations(smallestSize))) {
	testFrames(`progress-${name}`, size => {
		const state = progressSituations(size)[name];
		if (!state) {
			throw new Error(`There is no situation ${name}.`);
		}

		return state;
	});
}
