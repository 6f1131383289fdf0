// The reduction of the backward pass: sums of dy (the gradient of bias) and of dy * xhat (that of weight).
import { flatGrid, launch, type Plan, type Specs } from '../definition.ts';
import { geometry } from './geometry.ts';
import { scratchOf, slabsFor } from './slabs.ts';

/** Where the two sums go: straight into the gradients that are wanted, else into scratch memory. */
export function sumNames(wanted: ReadonlySet<string>): { sumDy: string; sumDyXhat: string } {
  return {
    sumDy: wanted.has('bias') ? 'dbias' : 'totalDy',
    sumDyXhat: wanted.has('weight') ? 'dweight' : 'totalDyXhat',
  };
}

export function sums(inputs: Specs, wanted: ReadonlySet<string>): Required<Plan> {
  const { rows, c, channels, shader } = geometry(inputs);
  const { slabs, groups } = slabsFor(rows);
  const first = launch(shader.sums, {
    bind: { sumDy: 'slabDy', sumDyXhat: 'slabDyXhat' },
    axes: { rows: { extent: rows, slices: { x: c, dy: c } } },
    params: ({ rows: { start, count } }) => ({ rows: count, start, slabs, channels }),
    workgroups: flatGrid(slabs * channels, 64),
  });
  const merge = launch(shader.mergeSums, {
    bind: { sumDy: 'groupDy', sumDyXhat: 'groupDyXhat' },
    params: { slabs, groups, channels },
    workgroups: flatGrid(groups * channels, 64),
  });
  const merged = groups < slabs;
  const finish = launch(shader.mergeSums, {
    bind: { ...(merged && { slabDy: 'groupDy', slabDyXhat: 'groupDyXhat' }), ...sumNames(wanted) },
    params: { slabs: groups, groups: 1, channels },
    workgroups: flatGrid(channels, 64),
  });
  return {
    scratch: {
      ...scratchOf(['slabDy', 'slabDyXhat'], slabs * c),
      ...(merged && scratchOf(['groupDy', 'groupDyXhat'], groups * c)),
      ...scratchOf(['totalDy', 'totalDyXhat'], c),
    },
    launches: merged ? [first, merge, finish] : [first, finish],
  };
}
