import {testAllFrames} from '../../support/frames.tsx';
import {progressSituations} from '../../support/progress-situations.ts';

testAllFrames('progress', progressSituations);
