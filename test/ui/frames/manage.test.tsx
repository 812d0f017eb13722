import {testFrames} from '../../support/frames.tsx';
import {manageSituations} from '../../support/manage-situations.ts';

testFrames('manage', manageSituations);
