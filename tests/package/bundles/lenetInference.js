// LeNet-5 in a page that has a file of weights: the digit in an image.
import { createDevice, readSafetensors } from 'wgrad';
import { LeNet5 } from 'wgrad/models';

export async function createClassifier(weights) {
  const device = await createDevice();
  const model = new LeNet5().to(device).eval();
  model.loadStateDict(readSafetensors(weights).tensors);
  return async (pixels) => {
    const scope = device.scope();
    try {
      const logits = device.noGrad(() => model.call(device.tensor(pixels, [1, 1, 28, 28])));
      const probabilities = await logits.softmax(1).data();
      return { digit: probabilities.indexOf(Math.max(...probabilities)), probabilities };
    } finally {
      scope.dispose();
    }
  };
}
