// A model against PyTorch's: same weights, images and labels by formula, answers from tests/fixtures/models.py.
import { readFileSync } from 'node:fs';
import type { uvu } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from '../../engine/device.ts';
import { Dropout } from '../../engine/nn/dropout.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { ModelOptions } from '../../models/entry.ts';
import { type GoogLeNetOutput, googlenetLoss } from '../../models/googlenet.ts';
import { createModel } from '../../models/registry.ts';
import { formulaImages, formulaLabels, formulaState } from '../fixtures/formula.ts';

/** See tests/fixtures/models.py. */
interface ModelFixture {
  readonly model: string;
  readonly options: ModelOptions;
  /** Their shape: [n, c, h, w]. */
  readonly images: readonly [n: number, ...image: number[]];
  /** Of the images. */
  readonly draw: number;
  readonly loss: number;
  /** Positions among the parameters of biases that a batch norm takes out again. */
  readonly biasesWithoutEffect: readonly number[];
  /** `[n, classes]`, float32 in base64. */
  readonly logits: string;
  /** One for each parameter, in order. */
  readonly gradientNorms: readonly number[];
}

/** All relative: logits to the largest of them, the loss and every norm to itself. */
const TOLERANCE = { logits: 1e-4, loss: 1e-5, gradients: 1e-3 };

/**
 * Adds a test for each fixture of these names. The gradient of a bias before batch norm is zero, and what is computed is
 * rounding noise: it must be small beside the gradient of its layer's weight.
 */
export function testParity(test: uvu.Test<Record<string, unknown>>, device: Device, names: readonly string[]): void {
  for (const name of names)
    test(`${name} equals PyTorch: logits, loss, every gradient's norm`, () => check(device, name));
}

async function check(device: Device, name: string): Promise<void> {
  const path = new URL(`../fixtures/models/${name}.json`, import.meta.url);
  const fixture: ModelFixture = JSON.parse(readFileSync(path, 'utf8'));
  const before = device.memory();
  const model = createModel(fixture.model, fixture.options).to(device);
  try {
    model.loadStateDict(formulaState(model));
    await checkLogits(device, model, fixture);
    await checkGradients(device, model, fixture);
  } finally {
    model.dispose();
    device.trimMemory();
  }
  const { tensors, bytes } = device.memory();
  assert.equal({ tensors, bytes }, { tensors: before.tensors, bytes: before.bytes }, 'memory after the model');
}

async function checkLogits(device: Device, model: AnyModule, fixture: ModelFixture): Promise<void> {
  using _scope = device.scope();
  const x = device.tensor(formulaImages(fixture.images, fixture.draw), fixture.images);
  const logits = await device.noGrad(() => model.eval().call(x) as Tensor).data();
  const expected = new Float32Array(Uint8Array.from(Buffer.from(fixture.logits, 'base64')).buffer);
  assert.is(logits.length, expected.length);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const furthest = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - logits[i])), 0);
  assert.ok(furthest <= TOLERANCE.logits * largest, `logits are ${furthest} off, the largest is ${largest}`);
}

async function checkGradients(device: Device, model: AnyModule, fixture: ModelFixture): Promise<void> {
  using _scope = device.scope();
  const x = device.tensor(formulaImages(fixture.images, fixture.draw), fixture.images);
  model.train();
  for (const module of model.modules()) if (module instanceof Dropout) module.eval();
  const output = model.call(x) as Tensor | GoogLeNetOutput;
  const classes = ('logits' in output ? output.logits : output).shape[1];
  const loss = googlenetLoss(output, device.tensor(formulaLabels(fixture.images[0], classes)));
  loss.backward();
  const value = await loss.item();
  assert.ok(Math.abs(value / fixture.loss - 1) <= TOLERANCE.loss, `loss is ${value}, PyTorch's ${fixture.loss}`);

  const parameters = model.namedParameters();
  assert.is(parameters.length, fixture.gradientNorms.length);
  const wrong: string[] = [];
  for (const [i, [parameter, { grad }]] of parameters.entries()) {
    // the bytes as they lie: a norm does not mind the order, and putting 100 million into another takes seconds
    const norm = grad ? norm2(new Float32Array(await device.download(grad))) : Number.NaN;
    const expected = fixture.gradientNorms[i];
    // the weight comes right before its bias
    const scale = fixture.biasesWithoutEffect.includes(i) ? fixture.gradientNorms[i - 1] : expected;
    if (!(Math.abs(norm - expected) <= TOLERANCE.gradients * scale)) {
      wrong.push(`${parameter}: the gradient's norm is ${norm}, PyTorch's ${expected}`);
    }
    parameters[i][1].grad = null;
  }
  assert.equal(wrong, []);
}

function norm2(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}
