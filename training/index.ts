// `wgrad/training`: the training loop, fine-tuning, charts and reports as text, without file system.

export { checkModelFits } from './checkModelFits.ts';
export { classifierLoss } from './classifierLoss.ts';
export { type DeviceBatch, type DeviceBatchOptions, DeviceDataset } from './deviceDataset.ts';
export {
  Communicator,
  type CommunicatorOptions,
  DataParallel,
  type DataParallelOptions,
  RankError,
  type Transport,
} from './distributed/index.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export {
  type BatchSizeTrial,
  type FindBatchSizeOptions,
  type FoundBatchSize,
  findBatchSize,
} from './findBatchSize.ts';
export {
  type BatchSource,
  datasetSource,
  preprocessedSource,
  type SourceBatch,
  sourceSubset,
  transformedSource,
} from './fineTune/batchSource.ts';
export type { FeatureDisk } from './fineTune/featureStore.ts';
export type { CacheReport } from './fineTune/feed.ts';
export { fineTune } from './fineTune/fineTune.ts';
export { type Freeze, type FrozenBatchNorm, freezeLayers } from './fineTune/freeze.ts';
export { freezeReport } from './fineTune/freezeReport.ts';
export { groupRates, type LayerGroup, layerGroups } from './fineTune/layerGroups.ts';
export { type LrFindOptions, type LrFindResult, type LrPoint, lrFind } from './fineTune/lrFind.ts';
export { lrFindSvg } from './fineTune/lrFindChart.ts';
export {
  checkFineTuneOptions,
  type FineTuneOptions,
  type FineTuneSettings,
  fineTuneRecipe,
} from './fineTune/options.ts';
export { replaceHead } from './fineTune/replaceHead.ts';
export type {
  FineTuneCallbacks,
  FineTuneData,
  FineTuneEpoch,
  FineTuneResult,
  FineTuneStep,
} from './fineTune/reports.ts';
export { NON_FINITE_POLICIES, type NonFinitePolicy } from './nonFinite.ts';
export type { EpochSums, Progress } from './progress.ts';
export { createOptimizer, createScheduler, defaultRecipe, type Recipe } from './recipe.ts';
export {
  type ClassFigures,
  type ClassReport,
  type ClassReportOptions,
  classReport,
  classReportText,
} from './report/classReport.ts';
export { accuracyOf, type ConfusionMatrix, confusionMatrix, confusionSvg } from './report/confusion.ts';
export { curvesSvg } from './report/curves.ts';
export { type HtmlFigure, type HtmlReport, type HtmlTable, htmlReport } from './report/htmlReport.ts';
export type { EpochRow, MetricRow, StepRow } from './report/metricRow.ts';
export { confidentMistakes, type Mistake, type MistakesOptions, mistakesSheet } from './report/mistakes.ts';
export { type SampleSheetOptions, sampleSheet } from './report/sampleSheet.ts';
export { checkRunConfig, type RunConfig } from './runConfig.ts';
export { type MovableOptimizer, restoreSnapshot, type Snapshot, type SnapshotParts, takeSnapshot } from './snapshot.ts';
export { PRECISIONS, type Precision } from './stepPrecision.ts';
export {
  type EpochReport,
  type Recovery,
  type StepReport,
  type TrainOptions,
  type TrainResult,
  train,
} from './trainer.ts';
