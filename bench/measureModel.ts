// One model, one batch: a process of its own, so that its peak memory is its own.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Workload {
  /** A name of `listModels()`. */
  model: string;
  batch: number;
  /** Height and width, pixels. */
  size: number;
  /** `train`: forward, cross-entropy, backward and SGD with momentum. */
  mode: 'forward' | 'train';
  /** Whether the training step is captured at the first run and replayed, as `train` does it. Default false: eager. */
  captured?: boolean;
  /** Timed after the first. */
  runs: number;
}

export interface ModelTimes extends Workload {
  /** With compilation, except for what the driver's cache on disk held. */
  firstMs: number;
  runMs: number[];
  /** Most bytes that live tensors took at once, and what the pool held for them. */
  peakBytes: number;
  reservedBytes: number;
  /** Most resident memory of the process: on a CPU adapter the tensors are in it. */
  residentBytes: number;
  /** A logit or the loss, so that two runs can be compared. */
  result: number;
}

/** Waits for the process. @param workload said on stderr when it begins */
export function measureModel(workload: Workload): { adapter: string; times: ModelTimes } {
  process.stderr.write(`${workload.model} ${workload.mode}, batch ${workload.batch}\n`);
  const path = fileURLToPath(new URL('./modelRun.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', path, JSON.stringify(workload)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trim().split('\n').at(-1)!);
}
