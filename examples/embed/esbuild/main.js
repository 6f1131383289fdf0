// Checks the kernel's gradient, then trains a network that uses it.
import { createDevice, crossEntropy, gradCheck } from 'wgrad';
import { DataLoader, glyphs } from 'wgrad/datasets';
import { AdamW } from 'wgrad/optim';
import { evaluate } from 'wgrad/training';
import { DigitNet } from './digitNet.js';
import { mish } from './mish.js';

const WIDTH = 600;
const HEIGHT = 240;
const element = (id) => document.getElementById(id);
element('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  element('start').disabled = true;
  try {
    await train(Number(element('steps').value));
  } catch (error) {
    element('status').textContent = error.message;
  }
  element('start').disabled = false;
});
element('start').disabled = false;

async function train(steps) {
  const device = await createDevice();
  await gradCheck(mish, [device.tensor([-6, -1, -0.2, 0, 0.7, 3, 30])]);
  element('check').textContent = 'The gradient of mish agrees with central differences.';

  const model = new DigitNet().to(device, { seed: 0 });
  const optimizer = new AdamW(model.parameters(), { lr: 3e-3 });
  const loader = new DataLoader(glyphs(), { batchSize: 32, shuffle: true, limit: 32 * steps });
  const losses = [];
  for await (const { x, shape, labels } of loader) {
    const step = device.scope();
    const loss = crossEntropy(model.call(device.tensor(x, shape)), device.tensor(labels));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(await loss.item());
    step.dispose();
    element('status').textContent = `Step ${losses.length} of ${steps}: loss ${losses.at(-1).toFixed(3)}`;
    draw(losses, steps);
  }
  const { accuracy } = await evaluate(model, device, glyphs({ train: false, count: 200 }));
  element('status').textContent = `${(100 * accuracy).toFixed(1)} % of 200 test digits are right.`;
  optimizer.dispose();
  model.dispose();
  device.destroy();
}

/** The losses as a line; the height of the chart is that of guessing, ln 10, and a little more. */
function draw(losses, steps) {
  const points = losses.map((loss, i) => {
    const [x, y] = [(i / Math.max(1, steps - 1)) * WIDTH, HEIGHT - (Math.min(loss, 2.5) / 2.5) * HEIGHT];
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  element('curve').setAttribute('points', points.join(' '));
}
