// Whole models equal PyTorch's. Those of VGG are in parity.vgg.test.ts, larger images in parity.slow.test.ts.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice } from '../../engine/node/createDevice.ts';
import { createModel } from '../../models/registry.ts';
import { formulaImages, formulaLabels, formulaState } from '../fixtures/formula.ts';
import { testParity } from './parity.ts';

const test = suite('parity');

test('the formula gives the bytes that it gives in Python', () => {
  const path = new URL('../fixtures/models/formula.json', import.meta.url);
  const { resnet18, images, labels } = JSON.parse(readFileSync(path, 'utf8'));
  const state = formulaState(createModel('resnet18'));
  const names = Object.keys(resnet18);
  assert.is(names.length, 6);
  assert.equal(Object.fromEntries(names.map((name) => [name, digest(state.get(name)!.data)])), resnet18);
  assert.is(digest(formulaImages([2, 3, 96, 96])), images);
  assert.equal([...formulaLabels(8, 1000)], labels);
});

testParity(test, await createDevice(), [
  ...['lenet5', 'alexnet', 'alexnet_chapter', 'nin'],
  ...['googlenet', 'googlenet_aux', 'googlenet_paper'],
  ...['resnet18', 'resnet34', 'resnet50', 'resnet152', 'resnet20'],
  ...['squeezenet1_1', 'mobilenet_v1_025'],
]);

test.run();

function digest({ buffer }: ArrayBufferView): string {
  return createHash('sha256').update(new Uint8Array(buffer)).digest('hex').slice(0, 16);
}
