// wgrad/training: the training loop, checkpoints, and runs with a folder of their own.

export { checkModelFits } from './checkModelFits.ts';
export { type Checkpoint, readCheckpoint, restoreCheckpoint, saveCheckpoint, type Training } from './checkpoint.ts';
export { classifierLoss } from './classifierLoss.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export type { EpochSums, Progress } from './progress.ts';
export { createOptimizer, createScheduler, defaultRecipe, type Recipe } from './recipe.ts';
export { checkpointFolder, holdsRun, type RunOptions, type RunResult, run } from './run.ts';
export { checkRunConfig, type RunConfig } from './runConfig.ts';
export { type EpochReport, type StepReport, type TrainOptions, type TrainResult, train } from './trainer.ts';
