// wgrad/optim: optimizers, gradient clipping and learning-rate schedulers.
export { Adam, type AdamOptions, AdamW } from './adam.ts';
export { clipGradNorm, clipGradValue } from './clipGradients.ts';
export { GradScaler, type GradScalerOptions, type GradScalerState, type ScaledOptimizer } from './gradScaler.ts';
export { type GroupOptions, Optimizer, type OptimizerState, type ParamGroup } from './optimizer.ts';
export { RMSprop, type RMSpropOptions } from './rmsprop.ts';
export * from './schedulers/index.ts';
export { SGD, type SGDOptions } from './sgd.ts';
