import {testFrames} from '../../support/frames.tsx';
import {overlaySituations} from '../../support/manage-situations.ts';

testFrames('overlay', overlaySituations);
