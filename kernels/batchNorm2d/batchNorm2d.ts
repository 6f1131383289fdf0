// Batch normalisation over [n, c, h, w]: per channel, over all n * h * w rows of the channels-last matrix [rows, c];
// with the residual sum and the rectifier that follow it in a ResNet, where they cost no pass over memory of their own.
// Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167
// Training, forward and backward over [8, 64, 56, 56] on lavapipe, CPU time against one operation after the other: with
// relu 45 ms to 22, with residual and relu 64 ms to 21.
import { flatGrid, launch, type Operation, type Plan, type Problem, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4, show } from '../rank.ts';
import { backward, readsY } from './backward.ts';
import { applyLoop, geometry } from './geometry.ts';
import { shaders } from './shaders.ts';
import { statistics } from './statistics.ts';

export interface BatchNorm2dOptions {
  /** Normalises by the batch's own statistics and updates the running ones; otherwise by the running ones. */
  training: boolean;
  /** Share of the batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Rectifies the result, after the residual was added. Default false. */
  relu?: boolean;
}

export const batchNorm2d: Operation<BatchNorm2dOptions> = {
  name: 'batchNorm2d',
  inputs: [
    { name: 'x', layout: 'channelsLast' },
    { name: 'weight', layout: 'rowMajor', optional: true },
    { name: 'bias', layout: 'rowMajor', optional: true },
    { name: 'runningMean', layout: 'rowMajor', optional: true, differentiable: false, updated: true },
    { name: 'runningVar', layout: 'rowMajor', optional: true, differentiable: false, updated: true },
    { name: 'residual', layout: 'channelsLast', optional: true },
  ],
  shaders,

  /** `perChannel` beside y: the mean, what its rounding to float32 lost, invStd, and the scale and shift of y. */
  infer(inputs, { training, momentum = 0.1, eps = 1e-5 }) {
    const [n, c, h, w] = rank4('batchNorm2d', 'x', inputs.x);
    const given = show(inputs.x.shape);
    for (const name of ['weight', 'bias', 'runningMean', 'runningVar']) {
      const { shape } = inputs[name] ?? { shape: [c] };
      if (shape.length !== 1 || shape[0] !== c) {
        throw new ShapeError(`batchNorm2d: ${name} must have shape [${c}], given ${show(shape)} (x: ${given})`);
      }
    }
    if (inputs.residual && show(inputs.residual.shape) !== given) {
      throw new ShapeError(
        `batchNorm2d: residual must have the shape of x, given ${show(inputs.residual.shape)} (x: ${given})`,
      );
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
    return { y: spec(inputs.x.shape), perChannel: spec([5, c]) };
  },

  forward(problem) {
    const { inputs, options } = problem;
    const { rows, c, channels, shader } = geometry(inputs);
    if (rows === 0) return { launches: [] }; // no images: running statistics stay, as in PyTorch
    const loop = applyLoop(problem.device, channels);
    const apply = launch(shader.forward, {
      constants: loop.constants,
      bind: { residual: inputs.residual ? 'residual' : 'x' },
      axes: { rows: { extent: rows, slices: { x: c, residual: c, y: c } } },
      params: ({ rows: { count } }) => ({
        ...loop.params(count),
        hasResidual: Number(Boolean(inputs.residual)),
        rectifies: Number(options.relu ?? false),
      }),
      workgroups: ({ rows: { count } }) => loop.workgroups(count),
    });
    const { scratch = {}, launches } = options.training ? statistics(problem) : running(problem);
    return { scratch, launches: [...launches, apply] };
  },

  saved: (_, { inputs, options }) => ['x', 'perChannel', ...(readsY(inputs, options) ? ['y'] : [])],

  backward,
};

/** What the apply pass needs, from the running statistics. */
function running({ inputs, options }: Problem<BatchNorm2dOptions>): Plan {
  const { c, shader } = geometry(inputs);
  return {
    launches: [
      launch(shader.running, {
        bind: {
          weight: inputs.weight ? 'weight' : 'runningMean',
          bias: inputs.bias ? 'bias' : 'runningMean',
        },
        params: {
          channels: c,
          eps: options.eps ?? 1e-5,
          hasWeight: Number(Boolean(inputs.weight)),
          hasBias: Number(Boolean(inputs.bias)),
        },
        workgroups: flatGrid(c, 64),
      }),
    ],
  };
}
