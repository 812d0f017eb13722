import {testAllFrames} from '../../support/frames.tsx';
import {overlaySituations} from '../../support/manage-situations.ts';

testAllFrames('overlay', overlaySituations);
