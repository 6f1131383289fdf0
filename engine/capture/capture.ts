// Records a step and settles it; see `Device.capture`.
import type { Device } from '../device.ts';
import type { Pipeline } from '../pipelines.ts';
import { synchronous } from '../synchronous.ts';
import type { Tensor } from '../tensor.ts';
import { tensorsIn } from '../tensorsIn.ts';
import { CapturedStep } from './captured.ts';
import { Tape } from './tape.ts';

/** See `Device.capture`. */
export function capture<Result>(device: Device, fn: () => Result): CapturedStep<Result> {
  const { tape, takeBack } = begin(device);
  try {
    const captured = settle(device, tape, record(device, tape, fn));
    captured.play();
    return captured;
  } catch (error) {
    takeBack();
    throw error;
  }
}

/** What `fn` would run, as if it had not been called but for cleared gradients. @throws as `Device.capture` */
export function rehearse(device: Device, fn: () => unknown): Set<Pipeline> {
  const { tape, takeBack } = begin(device);
  try {
    const { results } = record(device, tape, fn);
    for (const tensor of results) tensor.dispose();
    if (tape.refusal) throw tape.refusal;
    return new Set(tape.entries.flatMap((entry) => (entry.kind === 'dispatch' ? [entry.pipeline] : [])));
  } finally {
    takeBack();
  }
}

/** A tape, and what undoes all that was recorded on it. */
function begin(device: Device): { tape: Tape; takeBack: () => void } {
  const { recorder, random } = device;
  const tape = new Tape();
  if (recorder.tape) tape.refuse('a step is being captured already');
  if (recorder.profiler) tape.refuse('a profiler is attached, which times every dispatch by itself');
  if (recorder.anomalies) tape.refuse('anomalies are watched for, operation by operation');
  if (device.debug) tape.refuse('the device was made with { debug: true }, which submits every operation by itself');
  device.errors.check();
  recorder.flush();
  const { seed, counter } = random;
  const takeBack = () => {
    for (const effect of tape.effects.reverse()) effect.undo();
    Object.assign(random, { seed, counter });
    const planned = new Set(tape.planned.values());
    for (const leaf of tape.delivered) if (leaf.grad && tape.hasMade(leaf.grad)) leaf.grad = null;
    for (const storage of planned) storage.revoke();
    for (const storage of tape.retained) storage.release();
  };
  return { tape, takeBack };
}

interface Recorded<Result> {
  readonly result: Result;
  readonly results: Tensor[];
}

function record<Result>(device: Device, tape: Tape, fn: () => Result): Recorded<Result> {
  const { recorder } = device;
  using scope = device.scope();
  recorder.tape = tape;
  try {
    const result = synchronous('capture', fn(), 'await before it or after');
    const results = [...new Set(tensorsIn(result))].filter((tensor) => scope.giveUp(tensor));
    for (const tensor of results) tensor.leaveGraph();
    return { result, results };
  } finally {
    recorder.tape = null;
  }
}

function settle<Result>(device: Device, tape: Tape, recorded: Recorded<Result>): CapturedStep<Result> {
  try {
    if (tape.refusal) throw tape.refusal;
    for (const check of tape.checks) {
      const reason = check();
      if (reason) tape.refuse(reason);
    }
    return new CapturedStep(device, tape, recorded);
  } catch (error) {
    for (const tensor of recorded.results) tensor.dispose();
    throw error;
  }
}
