// Training statistics: slabs of rows, merged in a fixed order into what the apply pass needs and the running statistics.
import { flatGrid, launch, type Plan, type Problem } from '../definition.ts';
import type { BatchNorm2dOptions } from './batchNorm2d.ts';
import { geometry } from './geometry.ts';
import { continues, scratchOf, slabsFor } from './slabs.ts';

export function statistics({ inputs, options, device }: Problem<BatchNorm2dOptions>): Required<Plan> {
  const { rows, c, channels, shader } = geometry(inputs);
  const { slabs, groups } = slabsFor(rows, channels, device);
  const first = launch(shader.statistics, {
    constants: continues(rows * c, device),
    axes: { rows: { extent: rows, slices: { x: c } } },
    params: ({ rows: { start, count } }) => ({ rows: count, start, slabs, channels }),
    workgroups: flatGrid(slabs * channels, 64),
  });
  // per channel there is little to do, so all merges take single channels: a quarter to compile
  const merge = launch(shader.merge, {
    params: { rows, slabs, groups, channels: c },
    workgroups: flatGrid(groups * c, 64),
  });
  const merged = groups < slabs;
  const discards = inputs.runningMean === undefined;
  const { momentum = 0.1, eps = 1e-5 } = options;
  const finish = launch(shader.finish, {
    bind: {
      ...(merged && { shift: 'groupShift', offset: 'groupOffset', squares: 'groupSquares' }),
      weight: inputs.weight ? 'weight' : 'shift',
      bias: inputs.bias ? 'bias' : 'shift',
      ...(discards && { runningMean: 'discardedMean', runningVar: 'discardedVar' }),
    },
    params: {
      rows,
      slabs: groups,
      channels: c,
      eps,
      momentum,
      hasWeight: Number(Boolean(inputs.weight)),
      hasBias: Number(Boolean(inputs.bias)),
    },
    workgroups: flatGrid(c, 64),
  });
  return {
    scratch: {
      ...scratchOf(['shift', 'offset', 'squares'], slabs * c),
      ...(merged && scratchOf(['groupShift', 'groupOffset', 'groupSquares'], groups * c)),
      ...(discards && scratchOf(['discardedMean', 'discardedVar'], c)),
    },
    launches: merged ? [first, merge, finish] : [first, finish],
  };
}
