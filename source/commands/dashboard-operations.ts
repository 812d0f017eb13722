/** Everything that the dashboard can do, gathered so that it is loaded in one go behind the first frame. */
export {ClusterWatch} from '../orchestration/cluster-watch.ts';
export {browseFolder, listPackages} from '../package/package-folder.ts';
export {labOptionsOf, parseArguments} from './arguments.ts';
export {openCluster, switchOverRefusal} from './cluster-session.ts';
export {startLabProcess} from './lab-process.ts';
export {inspectPackage} from './run-package.ts';
export {currentOperator, startRun} from './start-run.ts';
