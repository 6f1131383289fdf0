// What is timed. A workload is data: it travels to every contender, whatever its language, and into the JSON file,
// where `--compare` finds its like.

export type Workload = Matmul | Conv2d | MaxPool2d | BatchNorm2d | Adam | ModelForward | ModelStep;

interface Row {
  /** Unique in the suite; `--only` takes parts of it. */
  readonly id: string;
  /** As the tables say it. */
  readonly title: string;
  /** Its first run is what counts: in a process and with shader caches that saw nothing before. */
  readonly isCold?: boolean;
}

interface ImageRow extends Row {
  /** `training`: forward, then the gradients of every input from a given dy. */
  readonly pass: 'forward' | 'training';
  readonly batch: number;
  readonly channels: number;
  /** Height and width. */
  readonly size: number;
}

/** `[n, n]` times `[n, n]`. */
export interface Matmul extends Row {
  readonly kind: 'matmul';
  readonly n: number;
}

/** Without bias. */
export interface Conv2d extends ImageRow {
  readonly kind: 'conv2d';
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Without padding. */
export interface MaxPool2d extends ImageRow {
  readonly kind: 'maxPool2d';
  readonly kernel: number;
  readonly stride: number;
}

/** By the batch's own statistics. Who keeps running ones (wgrad and torch do) does it on top. */
export interface BatchNorm2d extends ImageRow {
  readonly kind: 'batchNorm2d';
}

export type ModelName = 'lenet5' | 'resnet18' | 'alexnet';

/** One update of all parameters of a model from given gradients, lr 1e-3. */
export interface Adam extends Row {
  readonly kind: 'adam';
  readonly model: ModelName;
}

interface ModelRow extends Row {
  readonly model: ModelName;
  readonly batch: number;
  readonly size: number;
}

/** Logits in evaluation mode, no gradients recorded. */
export interface ModelForward extends ModelRow {
  readonly kind: 'forward';
}

/** Forward in training mode, softmax cross-entropy, backward, plain SGD. */
export interface ModelStep extends ModelRow {
  readonly kind: 'step';
  readonly learningRate: number;
}

/** Runs that are checked before anything is timed: the second shows what the first left behind, the third an optimizer's state. */
export function checkedRuns({ kind }: Workload): number {
  return { step: 2, adam: 3 }[kind as string] ?? 1;
}
