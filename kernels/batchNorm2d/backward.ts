// The backward pass of batch normalisation: one pass for the two sums that everything else depends on, a small one that
// merges them, one that writes dx. The rectifier's mask is found again on the way.
import { flatGrid, type Launch, launch, NOTHING, type Plan, type Problem, type Specs } from '../definition.ts';
import type { BatchNorm2dOptions } from './batchNorm2d.ts';
import { applyLoop, geometry } from './geometry.ts';
import { continues, scratchOf, slabsFor } from './slabs.ts';

/** As in backward.mask.wgsl. */
const [NO_MASK, FROM_X, FROM_Y] = [0, 1, 2];

/** Whether the rectifier's mask can only be read off y: a residual was added, or dx needs no x. */
export function readsY({ residual }: Specs, { relu, training }: BatchNorm2dOptions): boolean {
  return Boolean(relu && (residual || !training));
}

export function backward(problem: Problem<BatchNorm2dOptions>, wanted: ReadonlySet<string>): Plan {
  if (!problem.options.training) {
    const applied = wanted.has('x') || wanted.has('residual') ? [inferenceGradient(problem, wanted)] : [];
    if (!wanted.has('weight') && !wanted.has('bias')) return { launches: applied };
    const { scratch, launches } = sums(problem, wanted);
    return { scratch, launches: [...launches, ...applied] };
  }
  const { scratch, launches } = sums(problem, wanted);
  return { scratch, launches: wanted.has('x') ? [...launches, trainingGradient(problem, wanted)] : launches };
}

/** Where results go: straight into the gradients that are wanted, else into scratch memory. */
function targetsOf({ inputs }: Problem<BatchNorm2dOptions>, wanted: ReadonlySet<string>) {
  return {
    sumDy: wanted.has('bias') ? 'dbias' : 'totalDy',
    sumDyXhat: wanted.has('weight') ? 'dweight' : 'totalDyXhat',
    dresidual: wanted.has('residual') ? 'dresidual' : 'rectifiedDy',
    /** In training what the rectifier let through is kept: the residual's gradient, and the apply pass reads it. */
    keepsRectified: Boolean(inputs.residual),
  };
}

function sums(problem: Problem<BatchNorm2dOptions>, wanted: ReadonlySet<string>): Required<Plan> {
  const { inputs, options, device } = problem;
  const { rows, c, channels, shader } = geometry(inputs);
  const { slabs, groups } = slabsFor(rows, channels, device);
  const { sumDy, sumDyXhat, dresidual, keepsRectified } = targetsOf(problem, wanted);
  const fromY = readsY(inputs, options);
  const writesResidual = options.training && keepsRectified;
  const first = launch(shader.sums, {
    constants: continues(rows * c, device),
    bind: { y: fromY ? 'y' : 'x', dresidual: writesResidual ? dresidual : NOTHING },
    axes: { rows: { extent: rows, slices: { x: c, dy: c, y: c, dresidual: writesResidual ? c : 0 } } },
    params: ({ rows: { start, count } }) => ({
      rows: count,
      start,
      slabs,
      channels,
      mask: maskOf(options, fromY),
      writesResidual: Number(writesResidual),
    }),
    workgroups: flatGrid(slabs * channels, 64),
  });
  // per channel there is little to do, so all merges take single channels: a quarter to compile
  const merge = launch(shader.mergeSums, {
    bind: { sumDy: 'groupDy', sumDyXhat: 'groupDyDeviation' },
    params: { slabs, groups, channels: c, isLast: 0, rows },
    workgroups: flatGrid(groups * c, 64),
  });
  const merged = groups < slabs;
  const finish = launch(shader.mergeSums, {
    bind: { ...(merged && { slabDy: 'groupDy', slabDyDeviation: 'groupDyDeviation' }), sumDy, sumDyXhat },
    params: { slabs: groups, groups: 1, channels: c, isLast: 1, rows },
    workgroups: flatGrid(c, 64),
  });
  return {
    scratch: {
      ...scratchOf(['slabDy', 'slabDyDeviation'], slabs * c),
      ...(merged && scratchOf(['groupDy', 'groupDyDeviation'], groups * c)),
      ...scratchOf(['totalDy', 'totalDyXhat'], c),
      ...scratchOf(['taken'], 2 * c),
      ...(writesResidual && dresidual === 'rectifiedDy' && scratchOf(['rectifiedDy'], rows * c)),
    },
    launches: merged ? [first, merge, finish] : [first, finish],
  };
}

function trainingGradient(problem: Problem<BatchNorm2dOptions>, wanted: ReadonlySet<string>): Launch {
  const { inputs, options, device } = problem;
  const { rows, c, channels, shader } = geometry(inputs);
  const loop = applyLoop(device, channels);
  const { dresidual, keepsRectified } = targetsOf(problem, wanted);
  return launch(shader.backward, {
    constants: loop.constants,
    bind: { dy: keepsRectified ? dresidual : 'dy' },
    axes: { rows: { extent: rows, slices: { x: c, dy: c, dx: c } } },
    params: ({ rows: { count } }) => ({
      ...loop.params(count),
      mask: keepsRectified ? NO_MASK : maskOf(options, false),
    }),
    workgroups: ({ rows: { count } }) => loop.workgroups(count),
  });
}

function inferenceGradient(
  { inputs, options, device }: Problem<BatchNorm2dOptions>,
  wanted: ReadonlySet<string>,
): Launch {
  const { rows, c, channels, shader } = geometry(inputs);
  const loop = applyLoop(device, channels);
  const fromY = readsY(inputs, options);
  const [writesX, writesResidual] = [wanted.has('x'), wanted.has('residual')];
  return launch(shader.inference, {
    constants: loop.constants,
    bind: {
      y: fromY ? 'y' : 'dy',
      dx: writesX ? 'dx' : NOTHING,
      dresidual: writesResidual ? 'dresidual' : NOTHING,
    },
    axes: {
      rows: { extent: rows, slices: { dy: c, y: c, dx: writesX ? c : 0, dresidual: writesResidual ? c : 0 } },
    },
    params: ({ rows: { count } }) => ({
      ...loop.params(count),
      mask: maskOf(options, fromY),
      writesX: Number(writesX),
      writesResidual: Number(writesResidual),
    }),
    workgroups: ({ rows: { count } }) => loop.workgroups(count),
  });
}

function maskOf({ relu }: BatchNorm2dOptions, fromY: boolean): number {
  if (!relu) return NO_MASK;
  return fromY ? FROM_Y : FROM_X;
}
