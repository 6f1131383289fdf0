// LeNet-5 with weights from a file, as a function from an image to probabilities.
import { createDevice, readSafetensors } from 'wgrad';
import { LeNet5 } from 'wgrad/models';

/** Of the images it was trained on: `glyphs()` has them as `mean` and `std`. */
const MEAN = 0.156;
const STD = 0.229;

/** @param {Uint8Array} weights a safetensors file with LeNet-5's names */
export async function createClassifier(weights) {
  const device = await createDevice();
  const model = new LeNet5().to(device).eval();
  model.loadStateDict(readSafetensors(weights, { file: 'lenet5.safetensors' }).tensors);

  /** @param {Uint8Array} pixels 28 rows of 28, light on dark */
  return async (pixels) => {
    using _ = device.scope(); // frees what is computed here
    const x = device.tensor(
      Float32Array.from(pixels, (value) => (value / 255 - MEAN) / STD),
      [1, 1, 28, 28],
    );
    return device.noGrad(() => model.call(x).softmax(1)).data();
  };
}
