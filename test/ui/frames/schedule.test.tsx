import {testAllFrames} from '../../support/frames.tsx';
import {filesSituations, scheduleSituations} from '../../support/schedule-situations.ts';

testAllFrames('schedule', scheduleSituations);
testAllFrames('files', filesSituations);
