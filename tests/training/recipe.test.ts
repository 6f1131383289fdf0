// Optimizers and schedules by name.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Parameter } from '../../engine/nn/parameter.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { createOptimizer, createScheduler, defaultRecipe, type Recipe } from '../../training/index.ts';
import { OPTIMIZERS, SCHEDULERS } from '../../training/recipe.ts';

const test = suite('recipe');
const device = await createDevice();

test('every schedule of every optimizer lasts a whole run and never exceeds the rate asked for', () => {
  for (const optimizer of OPTIMIZERS)
    for (const scheduler of SCHEDULERS) {
      const rates = ratesOf({ ...defaultRecipe(optimizer), scheduler, lr: 0.1 }, 20);
      assert.ok(
        rates.every((rate) => rate >= 0 && rate <= 0.1 + 1e-12),
        `${optimizer} ${scheduler}: ${rates}`,
      );
    }
});

test('each schedule has its shape', () => {
  const at = (scheduler: Recipe['scheduler'], warmup: number, steps: number[]) => {
    const rates = ratesOf({ ...defaultRecipe(), scheduler, warmup, lr: 1 }, 24);
    return steps.map((step) => Number(rates[step].toFixed(3)));
  };
  assert.equal(at('none', 0, [0, 23]), [1, 1]);
  assert.equal(at('none', 4, [0, 2, 4, 23]), [0.01, 0.505, 1, 1]);
  assert.equal(at('step', 0, [0, 7, 8, 15, 16, 23]), [1, 1, 0.1, 0.1, 0.01, 0.01]);
  assert.equal(at('multistep', 0, [11, 12, 17, 18]), [1, 0.1, 0.1, 0.01]);
  assert.equal(at('cosine', 0, [0, 12, 18]), [1, 0.5, 0.146]);
  assert.equal(at('cosine', 4, [0, 4, 14]), [0.01, 1, 0.5]);
  assert.equal(at('onecycle', 0, [0, 23]), [0.04, 0]);
  assert.equal(at('plateau', 0, [0, 23]), [1, 1]);
});

test('what does not fit is refused', () => {
  const recipe = defaultRecipe();
  assert.throws(() => ratesOf({ ...recipe, warmup: 3 }, 20), /warmup must be 0 with the scheduler onecycle/);
  assert.throws(() => ratesOf({ ...recipe, scheduler: 'plateau', warmup: 3 }, 20), /warmup must be 0/);
  assert.throws(() => ratesOf({ ...recipe, scheduler: 'cosine', warmup: 20 }, 20), /shorter than the run of 20 steps/);
  assert.throws(() => ratesOf({ ...defaultRecipe('adam'), momentum: 0.9 }, 20), /adam has betas instead/);
});

test.run();

/** The rate of each step. */
function ratesOf(recipe: Recipe, steps: number): number[] {
  const parameter = new Parameter([2]);
  parameter.place(device, device.allocate(parameter, 'parameter'));
  const optimizer = createOptimizer(recipe, [parameter]);
  const scheduler = createScheduler(recipe, optimizer, steps);
  const rates = Array.from({ length: steps }, () => {
    const { lr } = optimizer.paramGroups[0];
    if (recipe.scheduler !== 'plateau') scheduler?.step();
    return lr;
  });
  optimizer.dispose();
  parameter.dispose();
  return rates;
}
