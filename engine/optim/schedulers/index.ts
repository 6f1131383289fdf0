// Learning-rate schedulers with PyTorch's values. Pure arithmetic on `paramGroups`: no device.
export { CosineAnnealingLR } from './cosineAnnealingLR.ts';
export { LinearLR } from './linearLR.ts';
export { OneCycleLR, type OneCycleOptions } from './oneCycleLR.ts';
export { type PlateauOptions, ReduceLROnPlateau } from './reduceLROnPlateau.ts';
export type { ScheduledGroup, ScheduledOptimizer, Scheduler, SchedulerState } from './scheduler.ts';
export { SequentialLR } from './sequentialLR.ts';
export { MultiStepLR, StepLR } from './stepLR.ts';
