// The loop of elementwise kernels: a workgroup takes a block of neighbouring elements, its lanes one each at a time. On
// GPUs a block is one turn. Emulated ones pay some 0.6 us of CPU time for each workgroup, as much as its loads, and run
// a workgroup best when it is one subgroup: long blocks of 8 lanes (Adam over ResNet-18's 11.7 M parameters, lavapipe:
// 74 ms of CPU time as one element a thread, 51 ms so; add over [8, 64, 56, 56]: 8.8 and 4.4).
import { type Capabilities, flatGrid, type Workgroups } from './definition.ts';

const [GPU_LANES, EMULATED_LANES] = [64, 8];
/** Turns of an emulated GPU's block at most, and the blocks below which they are fewer, so that every core has some. */
const [MOST_TURNS, FEW_BLOCKS] = [64, 256];

/** The override and the workgroups of a kernel that loops over `block_of` its workgroup. */
export function flatLoop({ kind }: Capabilities): {
  constants: { WORKGROUP_SIZE: number };
  workgroups: (elements: number) => Workgroups;
} {
  const lanes = kind === 'gpu' ? GPU_LANES : EMULATED_LANES;
  const turns = (elements: number) =>
    kind === 'gpu' ? 1 : Math.min(MOST_TURNS, Math.max(1, Math.floor(elements / lanes / FEW_BLOCKS)));
  return {
    constants: { WORKGROUP_SIZE: lanes },
    workgroups: (elements) => flatGrid(elements / turns(elements), lanes),
  };
}
