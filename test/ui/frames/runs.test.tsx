import {testAllFrames} from '../../support/frames.tsx';
import {runsSituations} from '../../support/runs-situations.ts';

testAllFrames('runs', runsSituations);
