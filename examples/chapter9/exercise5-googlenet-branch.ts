// Exercise 5: torchvision's GoogLeNet has 3x3 kernels in the third branch of its inception blocks, the paper 5x5. Both
// fine-tuned in the same way, the 5x5 from the 3x3 padded with zeros. All layers are trained: frozen, the zeros would stay.
// --quick: random values, and a few images of 48x48.
import { type GoogLeNet, Inception, widenThirdBranch } from 'wgrad/models';
import { createDevice } from 'wgrad/node';
import { programArguments } from './arguments.ts';
import { fineTuneCifar10, percent } from './fineTuneCifar10.ts';
import { pretrained } from './pretrained.ts';

const options = programArguments();
const device = await createDevice();
const load = async () =>
  ((await pretrained('googlenet', options, { orRandom: options.quick })) as GoogLeNet).dropAuxiliary().to(device);

// 1) the kernels as they are
const narrow = await load();
console.log(`third branches: ${thirdKernels(narrow)}\n`);

// 2) fine-tune, test
const tuning = { device, freeze: 'none', lrDecay: 1, lr: 1e-4, ...(options.quick && { epochs: 1 }) } as const;
const x = device.tensor(
  Float32Array.from({ length: 2 * 3 * 64 * 64 }, (_, i) => Math.sin(i)),
  [2, 3, 64, 64],
);
const answers = [await answer(narrow)];
const results = [await fineTuneCifar10(narrow, 'googlenet', options, tuning)];
narrow.dispose();

// 3) load again, widen, fine-tune in the same way
const wide = await load();
console.log(`${await widenThirdBranch(wide)} kernels widened; third branches: ${thirdKernels(wide)}`);
answers.push(await answer(wide));
const difference = answers[0].reduce((most, value, i) => Math.max(most, Math.abs(value - answers[1][i])), 0);
console.log(`before training its answers differ by at most ${difference}\n`);
results.push(await fineTuneCifar10(wide, 'googlenet', options, tuning));

// 4) compare
for (const [i, kernel] of ['3x3', '5x5'].entries()) {
  const { before, test, trainedParameters } = results[i];
  console.log(
    `${kernel}: ${trainedParameters.toLocaleString('en-US')} parameters, ${percent(before.accuracy)} before, ${percent(test!.accuracy)} after, test loss ${test!.loss.toFixed(4)}`,
  );
}

function thirdKernels(model: GoogLeNet): string {
  const blocks = model.modules().filter((module) => module instanceof Inception);
  const shapes = blocks.map(({ branch3 }) => branch3.getSubmodule('1.conv').parameters()[0].shape.slice(2).join('x'));
  return shapes.join(' ');
}

async function answer(model: GoogLeNet): Promise<Float32Array> {
  model.eval();
  using _ = device.scope();
  return (await (device.noGrad(() => model.call(x)) as typeof x).data()) as Float32Array;
}
