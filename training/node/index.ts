// `wgrad/training/node`: what training leaves on the disk (runs, checkpoints, reports), and fine-tuning with Node's
// threads and files.
export { preprocessedSource, transformedSource } from './batchSource.ts';
export {
  type Checkpoint,
  type ReadCheckpointOptions,
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
  type Training,
} from './checkpoint.ts';
export { featureDisk } from './diskStore.ts';
export { fineTune, lrFind } from './fineTune.ts';
export { type FinishedFineTune, writeFineTuneReports } from './fineTuneReports.ts';
export { MetricsLog } from './metricsLog.ts';
export { mistakesPng } from './mistakesPng.ts';
export { type Joined, joinRanks, type MpiEnvironment, mpiEnvironment } from './mpi/index.ts';
export { checkpointFolder, holdsRun, type NewRunConfig, type RunOptions, type RunResult, run } from './run.ts';
export { type Finished, type ReportExtras, writeReports } from './runReports.ts';
export { TensorBoardWriter, type TensorBoardWriterOptions } from './tensorboard/tensorBoardWriter.ts';
export { writeHtmlReport } from './writeHtmlReport.ts';
