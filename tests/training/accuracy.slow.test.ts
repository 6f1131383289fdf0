// LeNet-5 on the real data, from scratch, with the default recipe: about twenty minutes on two CPU cores.
//   WGRAD_DATA=folder npm run test:slow
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadFashionMnist, loadMnist } from '../../datasets/node/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { LeNet5 } from '../../models/lenet.ts';
import { createOptimizer, createScheduler, defaultRecipe, train } from '../../training/index.ts';

const data = process.env.WGRAD_DATA;
if (!data) throw new Error('WGRAD_DATA must name the folder that holds (or is above) mnist and fashion-mnist');
const device = await createDevice();

for (const seed of [0, 1, 2]) {
  test(`MNIST: at least 98.8 % after 3 epochs, seed ${seed}`, () =>
    reaches(loadMnist, { epochs: 3, seed, accuracy: 0.988 }));
}

test('Fashion-MNIST: at least 87 % after 5 epochs', () =>
  reaches(loadFashionMnist, { epochs: 5, seed: 0, accuracy: 0.87 }));

test.run();

async function reaches(
  load: typeof loadMnist,
  { epochs, seed, accuracy }: { epochs: number; seed: number; accuracy: number },
) {
  const [trainSet, testSet] = await Promise.all([load(data!), load(data!, { train: false })]);
  const model = new LeNet5().to(device, { seed });
  const recipe = defaultRecipe();
  const optimizer = createOptimizer(recipe, model.parameters());
  const scheduler = createScheduler(recipe, optimizer, epochs * Math.ceil(trainSet.count / 64));
  const { test: result } = await train({ model, device, trainSet, testSet, optimizer, scheduler, epochs, seed });
  console.log(`seed ${seed}: test accuracy ${(100 * result!.accuracy).toFixed(2)} %`);
  assert.ok(result!.accuracy >= accuracy, `${result!.accuracy}`);
  optimizer.dispose();
  model.dispose();
}
