import {testAllFrames} from '../../support/frames.tsx';
import {manageSituations} from '../../support/manage-situations.ts';

testAllFrames('manage', manageSituations);
