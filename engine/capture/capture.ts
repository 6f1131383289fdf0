// Records a step and settles it; see `Device.capture`.
import type { Device } from '../device.ts';
import { synchronous } from '../synchronous.ts';
import type { Tensor } from '../tensor.ts';
import { tensorsIn } from '../tensorsIn.ts';
import { CapturedStep } from './captured.ts';
import { Tape } from './tape.ts';

/** See `Device.capture`. */
export function capture<Result>(device: Device, fn: () => Result): CapturedStep<Result> {
  const { recorder, random } = device;
  const tape = new Tape();
  if (recorder.tape) tape.refuse('a step is being captured already');
  if (recorder.profiler) tape.refuse('a profiler is attached, which times every dispatch by itself');
  if (device.debug) tape.refuse('the device was made with { debug: true }, which submits every operation by itself');
  device.errors.check();
  recorder.flush();
  const { seed, counter } = random;
  try {
    const captured = settle(device, tape, record(device, tape, fn));
    captured.play();
    return captured;
  } catch (error) {
    // as if it had not been called
    for (const effect of tape.effects.reverse()) effect.undo();
    Object.assign(random, { seed, counter });
    const planned = new Set(tape.planned.values());
    for (const leaf of tape.delivered) if (leaf.grad && planned.has(leaf.grad.storage)) leaf.grad = null;
    for (const storage of planned) storage.revoke();
    for (const storage of tape.retained) storage.release();
    throw error;
  }
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
