// Checkpoints into models: names, shapes, skipped heads, and whose memory the values are.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as nn from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/index.ts';
import type { ByteSource, StateDict } from '../../engine/serialization/index.ts';
import { loadCheckpoint, loadWeights, openCheckpoint, writeSafetensors } from '../../engine/serialization/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { fileBytes, watchedSource } from './checkpointFixture.ts';

const test = suite('loadWeights');
const device = await createDevice();
test.after(() => device.destroy());

/** The model whose state PyTorch saved in the fixture. */
const model = () => new nn.Sequential(new nn.Conv2d(2, 3, 2), new nn.BatchNorm2d(3));

test('a file loads into a model with memory and into one without alike', async () => {
  const file = await openCheckpoint(fileBytes('legacy wrapped'));
  const expected = await loadCheckpoint(fileBytes('legacy wrapped'));
  for (const isPlaced of [true, false]) {
    const loaded = model();
    if (isPlaced) loaded.to(device);
    assert.equal(await loadWeights(loaded, file), { missing: [], unexpected: [] });
    if (!isPlaced) loaded.to(device);
    assert.equal(await loaded.stateDict(), expected);
    assert.is((loaded[1] as nn.BatchNorm2d).numBatchesTracked!.value, 1);
    loaded.dispose();
  }
});

test('a model without memory keeps the very array that was read, and loadStateDict a copy', async () => {
  const values: StateDict = new Map([
    ['weight', { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) }],
    ['bias', { dtype: 'float32', shape: [1], data: Float32Array.of(3) }],
  ]);
  const file = await openCheckpoint(writeSafetensors(values));
  const tensors = new Map(
    [...file.tensors].map(([name, stored]) => [name, { ...stored, read: async () => values.get(name)! }]),
  );
  const layer = new nn.Linear(2, 1);
  const kept = () => (layer.weight.initialiser as { values: Float32Array }).values;
  await loadWeights(layer, { ...file, tensors });
  assert.is(kept(), values.get('weight')!.data);
  layer.loadStateDict(values);
  assert.is.not(kept(), values.get('weight')!.data);
  assert.equal(kept(), Float32Array.of(1, 2));
});

test('all misfits are told before anything is read', async () => {
  const source = watchedSource(fileBytes('zip wrapped'));
  const file = await openCheckpoint(source);
  const before = source.bytesRead;
  const other = new nn.Sequential(new nn.Conv2d(2, 4, 2), new nn.Linear(2, 2));
  const error = await loadWeights(other, file).then(
    () => assert.unreachable('did not throw'),
    (thrown: Error) => thrown,
  );
  assert.instance(error, ShapeError);
  assert.is(
    (error as Error).message,
    [
      'loadWeights: a.pth: these values do not fit Sequential',
      '  unexpected: 1.running_mean, 1.running_var, 1.num_batches_tracked',
      '  misshapen: 0.weight: given [3, 2, 2, 2], wanted [4, 2, 2, 2], 0.bias: given [3], wanted [4], 1.weight: given [3], wanted [2, 2], 1.bias: given [3], wanted [2]',
    ].join('\n'),
  );
  assert.is(source.bytesRead, before);
});

test('a skipped layer keeps its values, of whatever shape the file has them', async () => {
  const file = await openCheckpoint(fileBytes('zip wrapped'));
  const wider = new nn.Sequential(new nn.Conv2d(2, 4, 2), new nn.BatchNorm2d(3)).to(device);
  const before = await wider.stateDict();
  assert.equal(await loadWeights(wider, file, { skip: ['0'] }), { missing: [], unexpected: [] });
  const after = await wider.stateDict();
  assert.equal(after.get('0.weight'), before.get('0.weight'));
  assert.equal(after.get('1.running_mean'), await file.tensors.get('1.running_mean')!.read());
  wider.dispose();
  const dict = await loadCheckpoint(fileBytes('zip wrapped'));
  const single = new nn.Sequential(new nn.Conv2d(2, 3, 2));
  assert.equal(single.loadStateDict(dict, { skip: ['1', '0.bias'] }), { missing: [], unexpected: [] });
  assert.is((single[0] as nn.Conv2d).bias!.initialiser.kind, 'uniform');
});

test('a skipped name that nothing has is an error', async () => {
  const file = await openCheckpoint(fileBytes('zip wrapped'));
  const error = await loadWeights(model(), file, { skip: ['0', 'classifier'] }).catch((thrown: Error) => thrown);
  assert.match(
    (error as Error).message,
    'loadWeights: a.pth: skip: nothing is named classifier'.replace('a.pth', file.name),
  );
});

test('names can be changed or left out on the way, but two cannot become one', async () => {
  const file = await openCheckpoint(fileBytes('nested'));
  const layer = new nn.Linear(6, 4, { bias: false });
  await loadWeights(layer, file, { rename: (name) => (name === 'encoder.weight' ? 'weight' : undefined) });
  assert.equal((layer.weight.initialiser as { values: Float32Array }).values[23], 23);
  const error = await loadWeights(layer, file, { rename: () => 'weight' }).catch((thrown: Error) => thrown);
  assert.instance(error, ShapeError);
  assert.match((error as Error).message, "'encoder.weight' and 'encoder.bias' are both renamed to 'weight'");
});

test('files of old PyTorch lack num_batches_tracked: it counts as 0', async () => {
  const file = await openCheckpoint(fileBytes('zip wrapped'));
  const loaded = model();
  (loaded[1] as nn.BatchNorm2d).numBatchesTracked!.value = 5;
  const rename = (name: string) => (name.endsWith('tracked') ? undefined : name);
  assert.equal(await loadWeights(loaded, file, { rename }), { missing: [], unexpected: [] });
  assert.is((loaded[1] as nn.BatchNorm2d).numBatchesTracked!.value, 0);
});

test('a source that ends early, although it said otherwise, is a FormatError', async () => {
  const bytes = fileBytes('legacy wrapped');
  const file = await openCheckpoint(cutLater(bytes));
  const error = await loadWeights(model(), file).catch((thrown: Error) => thrown);
  assert.instance(error, FormatError);
  assert.match((error as Error).message, /cut\.pth: at byte \d+: storage \d+ needs 96 bytes, only 0 could be read/);
});
test.run();

/** Reads nothing of 96 bytes, the size of the convolution's weight. */
function cutLater(bytes: Uint8Array): ByteSource {
  const source = watchedSource(bytes, 'cut.pth');
  return {
    name: source.name,
    size: source.size,
    read: (offset, length) => source.read(offset, length === 96 ? 0 : length),
  };
}
