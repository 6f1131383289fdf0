// Models by name.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../kernels/errors.ts';
import { createModel, IMAGENET_CLASSES, listModels, modelEntries, modelEntry } from '../../models/index.ts';

const test = suite('registry');

test('names are unique, and each finds its own entry', () => {
  const names = listModels();
  assert.is(new Set(names).size, names.length);
  assert.equal(
    modelEntries().map(({ name }) => name),
    names,
  );
  for (const name of names) assert.is(modelEntry(name).name, name);
});

test('a misspelt name is answered with those near it, a strange one with all', () => {
  const answer = (name: string): string => {
    try {
      createModel(name);
    } catch (error) {
      assert.instance(error, ShapeError);
      return (error as Error).message;
    }
    throw new Error(`${name} is a model`);
  };
  assert.is(answer('VGG-16-A'), "unknown model 'VGG-16-A'; did you mean vgg16_a or vgg16_a_bn or vgg16?");
  assert.is(answer('ResNet-50'), "unknown model 'ResNet-50'; did you mean resnet50?");
  assert.is(answer('squeezenet'), "unknown model 'squeezenet'; did you mean squeezenet1_0 or squeezenet1_1?");
  for (const name of listModels()) assert.match(answer('transformer'), name);
  assert.match(answer('constructor'), /there is lenet5/);
});

test('an undefined option is as if it were not given', () => {
  assert.ok(createModel('lenet5', { auxLogits: undefined, numClasses: undefined }));
});

test('ImageNet has a thousand classes of different names', () => {
  assert.is(IMAGENET_CLASSES.length, 1000);
  assert.is(new Set(IMAGENET_CLASSES).size, 1000);
  const some = [0, 134, 257, 258, 639, 999].map((index) => IMAGENET_CLASSES[index]);
  assert.equal(some, ['tench', 'crane bird', 'Great Pyrenees', 'Samoyed', 'maillot tank suit', 'toilet tissue']);
  assert.equal(
    IMAGENET_CLASSES.filter((name) => name !== name.trim() || !/^[\w' .-]+$/.test(name)),
    [],
  );
});

test.run();
