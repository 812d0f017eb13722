/** Everything that the dashboard can do, gathered so that it is loaded in one go behind the first frame. */
export {ClusterWatch} from '../orchestration/cluster-watch.ts';
export {FormLook} from '../orchestration/form-look.ts';
export {browseFolder, listPackages} from '../package/package-folder.ts';
export {parseArguments} from './arguments.ts';
export {inventoryOf, openRun, runsOnCluster} from './cluster-history.ts';
export {openCluster, switchOverRefusal} from './cluster-session.ts';
export {clusterSourceOf, sourceOf} from './cluster-source.ts';
export {findRun} from './find-run.ts';
export {openJournal} from './open-journal.ts';
export {SeveralClustersError} from './own-clusters.ts';
export {refuseRetry} from './run-commands.ts';
export {inspectPackage} from './run-package.ts';
export {SshAccess} from './ssh-access.ts';
export {startRun, stopRun, takeUpRun} from './start-run.ts';
