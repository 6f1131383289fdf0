// A model with its weights, as a function from the bytes of a picture to classes: one at a time, a few waiting.

import { preprocess } from 'wgrad/datasets';
import { decodeImage } from 'wgrad/datasets/node';
import { createModel } from 'wgrad/models';
import { createDevice, loadWeights, openCheckpoint } from 'wgrad/node';

/** Decoded pictures have 3 bytes a pixel: at most 48 MB. */
const MAX_PIXELS = 2 ** 24;
const MAX_WAITING = 16;

export class BusyError extends Error {}

/**
 * @param options.model a name of `listModels()`
 * @param options.weights a file, .pth or .safetensors
 * @param options.preprocessing what the weights were trained with
 * @param options.classes their names
 */
export async function openClassifier({ model: name, weights, preprocessing, classes }) {
  const device = await createDevice();
  const model = createModel(name, { numClasses: classes.length }).to(device).eval();
  const checkpoint = await openCheckpoint(weights);
  await loadWeights(model, checkpoint);
  await checkpoint.close();
  let waiting = 0;
  let last = Promise.resolve();

  async function run(bytes) {
    const image = await decodeImage(bytes, { maxPixels: MAX_PIXELS });
    const { data, shape } = preprocess(image, preprocessing);
    const answer = device.tidy(() => device.noGrad(() => model.call(device.tensor(data, [1, ...shape])).softmax(1)));
    const probabilities = await answer.data();
    answer.dispose();
    return [...classes.keys()]
      .sort((a, b) => probabilities[b] - probabilities[a])
      .slice(0, 5)
      .map((i) => ({ class: classes[i], probability: probabilities[i] }));
  }

  return {
    adapterName: device.adapterName,
    /** The five most probable classes. @throws FormatError for what is no picture, BusyError when too many wait */
    async classify(bytes) {
      if (waiting >= MAX_WAITING) throw new BusyError(`${MAX_WAITING} pictures are waiting already`);
      waiting++;
      const turn = last.then(() => run(bytes));
      last = turn.catch(() => {});
      return turn.finally(() => waiting--);
    },
    /** Answers those who wait, then lets go of the device. */
    async close() {
      await last;
      device.destroy();
    },
  };
}
