// Every scheduler against PyTorch's numbers (tests/fixtures/schedulers.py), resuming in the middle, and bad options.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CosineAnnealingLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type ScheduledOptimizer,
  type Scheduler,
  SequentialLR,
  StepLR,
} from '../../engine/optim/schedulers/index.ts';
import { ShapeError } from '../../kernels/errors.ts';

interface SchedulerCase {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the options of any scheduler, straight from JSON
  options: any;
}

interface FixtureCase extends SchedulerCase {
  name: string;
  optimizer: 'SGD' | 'Adam';
  lrs: number[];
  steps: number;
  metrics?: number[];
  expected: { lrs: number[][]; momenta: number[][] };
}

const fixture = new URL('../fixtures/schedulers.json', import.meta.url);
const cases: FixtureCase[] = JSON.parse(readFileSync(fixture, 'utf8'));
const classes = { StepLR, MultiStepLR, LinearLR, CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau };
const test = suite('schedulers');

for (const fixtureCase of cases) {
  test(`${fixtureCase.name} gives PyTorch's values`, () => {
    const optimizer = makeOptimizer(fixtureCase);
    const scheduler = makeScheduler(optimizer, fixtureCase);
    assertStep(fixtureCase, optimizer, 0);
    for (let step = 1; step <= fixtureCase.steps; step++) {
      scheduler.step(fixtureCase.metrics?.[step - 1]);
      assertStep(fixtureCase, optimizer, step);
      assert.equal(
        scheduler.getLastLr(),
        optimizer.paramGroups.map((group) => group.lr),
      );
    }
  });

  test(`${fixtureCase.name} resumes from its state as if never stopped`, () => {
    for (const stop of [0, 1, 5, Math.floor(fixtureCase.steps / 2), fixtureCase.steps - 1]) {
      const first = makeScheduler(makeOptimizer(fixtureCase), fixtureCase);
      for (let step = 1; step <= stop; step++) first.step(fixtureCase.metrics?.[step - 1]);
      const saved = JSON.parse(JSON.stringify(first.stateDict()));

      const optimizer = makeOptimizer(fixtureCase);
      const resumed = makeScheduler(optimizer, fixtureCase);
      resumed.loadStateDict(saved);
      assertStep(fixtureCase, optimizer, stop);
      for (let step = stop + 1; step <= fixtureCase.steps; step++) {
        resumed.step(fixtureCase.metrics?.[step - 1]);
        first.step(fixtureCase.metrics?.[step - 1]);
        assertStep(fixtureCase, optimizer, step);
        assert.equal(resumed.getLastLr(), first.getLastLr(), 'bit for bit');
      }
    }
  });
}

test('the fixture covers every scheduler', () => {
  const covered = new Set(cases.map(({ type }) => type));
  assert.equal([...covered].sort(), [...Object.keys(classes), 'SequentialLR'].sort());
});

test('a schedule is computed from initialLr even when the optimizer was loaded in its middle', () => {
  const optimizer: ScheduledOptimizer = { paramGroups: [{ lr: 0.05, initialLr: 0.1 }] };
  new CosineAnnealingLR(optimizer, { tMax: 10 });
  assert.is(optimizer.paramGroups[0].initialLr, 0.1);
});

test('OneCycleLR refuses to step beyond its end', () => {
  const scheduler = new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 3 });
  for (let step = 0; step < 3; step++) scheduler.step();
  assert.throws(() => scheduler.step(), /OneCycleLR: step\(\) was called 4 times but .* totalSteps = 3/);
});

test('OneCycleLR starts at the top when its rise has no length', () => {
  const optimizer = sgd();
  new OneCycleLR(optimizer, { maxLr: 2, totalSteps: 10, pctStart: 0.1 });
  assert.is(optimizer.paramGroups[0].lr, 2);
});

test('ReduceLROnPlateau counts NaN as no improvement', () => {
  const optimizer = sgd();
  const scheduler = new ReduceLROnPlateau(optimizer, { patience: 0 });
  scheduler.step(Number.NaN);
  assert.ok(Math.abs(optimizer.paramGroups[0].lr - 0.01) < 1e-15);
});

test('bad options are refused by name, with what was given', () => {
  const refusals: [() => unknown, RegExp][] = [
    [() => new StepLR(sgd(), { stepSize: 0 }), /StepLR: stepSize must be a positive integer, got 0/],
    [() => new StepLR(sgd(), { stepSize: 1, gamma: Number.NaN }), /StepLR: gamma .* got NaN/],
    [() => new MultiStepLR(sgd(), { milestones: [1, 2.5] }), /MultiStepLR: milestones .* got \[1,2\.5\]/],
    [() => new LinearLR(sgd(), { startFactor: 0 }), /LinearLR: startFactor must be above 0 and at most 1, got 0/],
    [() => new LinearLR(sgd(), { endFactor: 1.5 }), /LinearLR: endFactor/],
    [() => new LinearLR(sgd(), { totalIters: 0 }), /LinearLR: totalIters/],
    [() => new CosineAnnealingLR(sgd(), { tMax: -1 }), /CosineAnnealingLR: tMax .* got -1/],
    [() => new OneCycleLR(sgd(), { maxLr: 1 }), /OneCycleLR: totalSteps .* epochs and stepsPerEpoch/],
    [() => new OneCycleLR(sgd(), { maxLr: [1, 2], totalSteps: 5 }), /maxLr must be 1 finite numbers.*got \[1,2\]/],
    [() => new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 5, pctStart: 2 }), /OneCycleLR: pctStart/],
    [() => new OneCycleLR({ paramGroups: [{ lr: 1 }] }, { maxLr: 1, totalSteps: 5 }), /cycleMomentum: false/],
    [() => new ReduceLROnPlateau(sgd(), { factor: 1 }), /ReduceLROnPlateau: factor .* got 1/],
    [() => new ReduceLROnPlateau(sgd()).step(), /needs the metric/],
    [() => new SequentialLR(sgd(), { schedulers: [new StepLR(sgd(), { stepSize: 1 })], milestones: [] }), /optimizer/],
  ];
  for (const [make, message] of refusals) {
    assert.throws(make, (error: Error) => error instanceof ShapeError && message.test(error.message));
  }
});

test('SequentialLR refuses milestones that do not fit its schedulers', () => {
  const optimizer = sgd();
  const schedulers = [new LinearLR(optimizer), new StepLR(optimizer, { stepSize: 1 })];
  assert.throws(() => new SequentialLR(optimizer, { schedulers, milestones: [] }), /2 schedulers need 1 milestones/);
  assert.throws(() => new SequentialLR(optimizer, { schedulers, milestones: [0] }), /milestones must be increasing/);
});

test('a state of another scheduler or of other groups is refused', () => {
  const state = new StepLR(sgd(), { stepSize: 2 }).stateDict();
  assert.throws(() => new LinearLR(sgd()).loadStateDict(state), /LinearLR: type .* got "StepLR"/);
  const wider: ScheduledOptimizer = { paramGroups: [{ lr: 1 }, { lr: 2 }] };
  assert.throws(() => new StepLR(wider, { stepSize: 2 }).loadStateDict(state), /lastLr must be 2 finite numbers/);
});

test.run();

function sgd(): ScheduledOptimizer {
  return { paramGroups: [{ lr: 0.1, momentum: 0.9 }] };
}

function makeOptimizer({ lrs, optimizer }: FixtureCase): ScheduledOptimizer {
  return {
    paramGroups: lrs.map((lr) => (optimizer === 'SGD' ? { lr, momentum: 0.9 } : { lr, betas: [0.9, 0.999] })),
  };
}

function makeScheduler(optimizer: ScheduledOptimizer, { type, options }: SchedulerCase): Scheduler {
  if (type === 'SequentialLR') {
    const schedulers = options.schedulers.map((part: SchedulerCase) => makeScheduler(optimizer, part));
    return new SequentialLR(optimizer, { ...options, schedulers });
  }
  return new classes[type as keyof typeof classes](optimizer, options);
}

function assertStep({ name, expected }: FixtureCase, optimizer: ScheduledOptimizer, step: number): void {
  optimizer.paramGroups.forEach((group, index) => {
    assertClose(group.lr, expected.lrs[step][index], `${name}: lr of group ${index} after ${step} steps`);
    const momentum = group.momentum ?? group.betas![0];
    assertClose(momentum, expected.momenta[step][index], `${name}: momentum of group ${index} after ${step} steps`);
  });
}

function assertClose(actual: number, expected: number, where: string): void {
  const fits = Math.abs(actual - expected) <= 1e-12 * Math.abs(expected);
  assert.ok(fits, `${where}: expected ${expected}, got ${actual}`);
}
