// Batch normalisation over [n, c, h, w]: per channel, over all n * h * w rows of the channels-last matrix [rows, c].
// Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167
import { flatGrid, type Launch, launch, type Operation, type Specs, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4, show } from '../rank.ts';
import { geometry } from './geometry.ts';
import { shaders } from './shaders.ts';
import { statistics } from './statistics.ts';
import { sumNames, sums } from './sums.ts';

export interface BatchNorm2dOptions {
  /** Normalises by the batch's own statistics and updates the running ones; otherwise by the running ones. */
  training: boolean;
  /** Share of the batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/** Rows one thread of an apply pass takes, so that it reads its channel's numbers once for several elements. */
const ROWS_PER_THREAD = 8;

export const batchNorm2d: Operation<BatchNorm2dOptions> = {
  name: 'batchNorm2d',
  inputs: [
    { name: 'x', layout: 'channelsLast' },
    { name: 'weight', layout: 'rowMajor', optional: true },
    { name: 'bias', layout: 'rowMajor', optional: true },
    { name: 'runningMean', layout: 'rowMajor', optional: true, differentiable: false, updated: true },
    { name: 'runningVar', layout: 'rowMajor', optional: true, differentiable: false, updated: true },
  ],
  shaders,

  /** Outputs beside y: `mean` [2, c], the mean and what its rounding to float32 lost; `invStd` [c]. */
  infer(inputs, { training, momentum = 0.1, eps = 1e-5 }) {
    const [n, c, h, w] = rank4('batchNorm2d', 'x', inputs.x);
    const given = show(inputs.x.shape);
    for (const name of ['weight', 'bias', 'runningMean', 'runningVar']) {
      const { shape } = inputs[name] ?? { shape: [c] };
      if (shape.length !== 1 || shape[0] !== c) {
        throw new ShapeError(`batchNorm2d: ${name} must have shape [${c}], given ${show(shape)} (x: ${given})`);
      }
    }
    if (!inputs.runningMean !== !inputs.runningVar) {
      throw new ShapeError('batchNorm2d: give both runningMean and runningVar, or neither');
    }
    if (!training && !inputs.runningMean) {
      throw new ShapeError('batchNorm2d: runningMean and runningVar are needed unless training is true');
    }
    if (training && n * h * w === 1) {
      throw new ShapeError(`batchNorm2d: training needs more than one value per channel, x has shape ${given}`);
    }
    if (!(eps > 0 && Number.isFinite(eps))) throw new ShapeError(`batchNorm2d: eps must be positive, given ${eps}`);
    if (!Number.isFinite(momentum)) throw new ShapeError(`batchNorm2d: momentum must be finite, given ${momentum}`);
    return { y: spec(inputs.x.shape), mean: spec([2, c]), invStd: spec([c]) };
  },

  forward(problem) {
    const { inputs, options } = problem;
    const { rows, c, channels, shader } = geometry(inputs);
    const apply = launch(shader.forward, {
      bind: { weight: inputs.weight ? 'weight' : 'invStd', bias: inputs.bias ? 'bias' : 'invStd' },
      axes: { rows: { extent: rows, slices: { x: c, y: c } } },
      params: ({ rows: { count } }) => ({
        rows: count,
        blocks: blocksFor(count),
        channels,
        hasWeight: Number(Boolean(inputs.weight)),
        hasBias: Number(Boolean(inputs.bias)),
      }),
      workgroups: ({ rows: { count } }) => flatGrid(blocksFor(count) * channels, 64),
    });
    if (options.training) {
      const { scratch, launches } = statistics(problem);
      return { scratch, launches: [...launches, apply] };
    }
    const constant = launch(shader.running, {
      params: { channels: c, eps: options.eps ?? 1e-5 },
      workgroups: flatGrid(c, 64),
    });
    return { launches: [constant, apply] };
  },

  saved: () => ['x', 'weight', 'mean', 'invStd'],

  backward({ inputs, options: { training } }, wanted) {
    const applied = training ? trainingGradient(inputs, wanted) : inferenceGradient(inputs);
    const launches = wanted.has('x') ? [applied] : [];
    if (!training && !wanted.has('weight') && !wanted.has('bias')) return { launches };
    const reduced = sums(inputs, wanted);
    return { scratch: reduced.scratch, launches: [...reduced.launches, ...launches] };
  },
};

function trainingGradient(inputs: Specs, wanted: ReadonlySet<string>): Launch {
  const { rows, c, channels, shader } = geometry(inputs);
  return launch(shader.backward, {
    bind: { weight: inputs.weight ? 'weight' : 'invStd', ...sumNames(wanted) },
    axes: { rows: { extent: rows, slices: { x: c, dy: c, dx: c } } },
    params: ({ rows: { count } }) => ({
      rows: count,
      totalRows: rows,
      blocks: blocksFor(count),
      channels,
      hasWeight: Number(Boolean(inputs.weight)),
    }),
    workgroups: ({ rows: { count } }) => flatGrid(blocksFor(count) * channels, 64),
  });
}

function inferenceGradient(inputs: Specs): Launch {
  const { rows, c, channels, shader } = geometry(inputs);
  return launch(shader.inference, {
    bind: { weight: inputs.weight ? 'weight' : 'invStd' },
    axes: { rows: { extent: rows, slices: { dy: c, dx: c } } },
    params: ({ rows: { count } }) => ({
      rows: count,
      blocks: blocksFor(count),
      channels,
      hasWeight: Number(Boolean(inputs.weight)),
    }),
    workgroups: ({ rows: { count } }) => flatGrid(blocksFor(count) * channels, 64),
  });
}

function blocksFor(rows: number): number {
  return Math.ceil(rows / ROWS_PER_THREAD);
}
