// The time of a model's forward pass on this machine's adapter.
import type { Device } from '../engine/device.ts';
import { Tensor } from '../engine/tensor.ts';
import type { ModelEntry } from '../models/entry.ts';

/** Of this many runs after a first one, which compiles. */
const RUNS = 3;

/** Milliseconds of the median run over one batch, reading the logits included. Leaves no memory behind. */
export async function measureForward(entry: ModelEntry, device: Device, batch: number): Promise<number> {
  const model = entry.create().to(device).eval();
  try {
    const times: number[] = [];
    const shape = [batch, ...entry.inputShape];
    const images = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    for (let run = 0; run <= RUNS; run++) {
      using _ = device.scope();
      const x = device.tensor(images, shape);
      await device.idle();
      const start = performance.now();
      const logits = device.noGrad(() => model.call(x));
      if (!(logits instanceof Tensor)) throw new TypeError(`${entry.name} gives no tensor in inference mode`);
      await logits.data();
      if (run > 0) times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[RUNS >> 1];
  } finally {
    model.dispose();
  }
}
