// The launches of a reduction. Few outputs over long reductions are split into slabs, whose partial results later
// launches merge in a fixed order: a run repeats bit for bit on the same adapter.
import { type Axis, type Capabilities, flatGrid, type Launch, launch, type TensorSpec } from '../definition.ts';
import { link, type Shader } from '../shader.ts';
import { extentOf, type Group, groupsOf } from './groups.ts';
import { shader as reduceCore } from './reduce.wgsl.ts';
import { shader as spreadCore } from './spread.wgsl.ts';

/** A linked shader: the core's own params and overrides, whatever bindings the operand files add. */
type Linked<Core extends Shader> = Omit<Shader, 'params' | 'overrides'> & Pick<Core, 'params' | 'overrides'>;
type ReduceShader = Linked<typeof reduceCore>;
type SpreadShader = Linked<typeof spreadCore>;

/** A reduction's shader: the core and the operand files that say what is done with an element. */
export function reduceShader(label: string, ...operands: Shader[]): ReduceShader {
  return link(label, [reduceCore, ...operands]) as Shader & ReduceShader;
}

/** The way back's shader. */
export function spreadShader(label: string, ...operands: Shader[]): SpreadShader {
  return link(label, [spreadCore, ...operands]) as Shader & SpreadShader;
}

export interface Stage {
  /** Threads per output; 1 in the last stage. */
  readonly slabs: number;
  readonly interleaved: boolean;
}

/** How x becomes y: which groups there are, and how many launches share the work. */
export interface Reduction {
  readonly groups: readonly Group[];
  readonly outputs: number;
  readonly length: number;
  readonly stages: readonly Stage[];
}

/** @param dims the reduced dimensions of x, ascending */
export function reductionOf(x: TensorSpec, y: TensorSpec, dims: readonly number[], device: Capabilities): Reduction {
  const groups = groupsOf(x, y, dims);
  const length = extentOf(groups.filter(({ reduced }) => reduced));
  const outputs = extentOf(groups.filter(({ reduced }) => !reduced));
  // neighbouring lanes should read neighbouring elements: along the reduction where that is x's innermost group
  const interleaved = groups[groups.length - 1].reduced;
  return { groups, outputs, length, stages: stagesOf({ outputs, length, interleaved, device }) };
}

/**
 * The launches of the forward pass. Stage i reads binding `x` and writes what `bind(i)` names.
 * @param shaders first stage, later stages
 * @param written bindings that a stage writes, each with one element per output or partial result
 */
export function reduceLaunches(
  reduction: Reduction,
  {
    shaders: [first, later],
    bind,
    written,
    scale = 1,
  }: {
    shaders: readonly [ReduceShader, ReduceShader];
    bind: (stage: number) => Readonly<Record<string, string>>;
    written: readonly string[];
    scale?: number;
  },
): Launch[] {
  return reduction.stages.map((stage, i) => {
    const last = i === reduction.stages.length - 1;
    const groups = i === 0 ? reduction.groups : partialGroups(reduction, i, last);
    return stageLaunch(i === 0 ? first : later, groups, stage, { bind: bind(i), written, scale: last ? scale : 1 });
  });
}

/** Lengths of the scratch arrays between the stages: partial results of stage 0, 1, … */
export function partialLengths({ outputs, stages }: Reduction): number[] {
  return stages.slice(0, -1).map(({ slabs }) => slabs * outputs);
}

/**
 * The launch of the backward pass: dx, in x's order, looks up `dy` and whatever else has y's shape (`alike`).
 * @param elements bindings besides dx that have x's shape and order
 */
export function spreadLaunch(
  shader: SpreadShader,
  groups: readonly Group[],
  {
    scale = 1,
    alike = [],
    elements = [],
  }: { scale?: number; alike?: readonly string[]; elements?: readonly string[] } = {},
): Launch {
  const [outer] = groups;
  const sliced = isOutermostOfBoth(groups);
  const axis: Axis = {
    extent: outer.extent,
    slices: Object.fromEntries([
      ...['dx', ...elements].map((name) => [name, outer.x]),
      ...(sliced ? ['dy', ...alike].map((name) => [name, outer.y]) : []),
    ]),
  };
  const numbers = numbered(groups);
  return launch(shader, {
    constants: { GROUPS: groups.length },
    axes: { outer: axis },
    params: ({ outer: { start, count } }) => ({
      elements: count * outer.x,
      start: start * outer.x,
      yStart: sliced ? start * outer.y : 0,
      scale,
      ...numbers('extent', 'extent'),
      ...numbers('y', 'y'),
      ...numbers('position', 'position'),
    }),
    workgroups: ({ outer: { count } }) => flatGrid(count * outer.x, 64),
  });
}

/** Enough threads to fill the adapter, at least 32 elements each, and never more than 512 partial results to merge. */
function stagesOf({
  outputs,
  length,
  interleaved,
  device,
}: {
  outputs: number;
  length: number;
  interleaved: boolean;
  device: Capabilities;
}): Stage[] {
  const threads = device.kind === 'gpu' ? 16384 : 256;
  const wanted = Math.ceil(threads / outputs);
  // rows of x: a GPU reads them 32 lanes wide even where there are enough rows to fill it
  const coalesced = device.kind === 'gpu' && interleaved ? 32 : 1;
  const slabs = Math.max(1, Math.min(Math.max(wanted, coalesced), Math.floor(length / 32)));
  const last = { slabs: 1, interleaved: false };
  if (slabs === 1) return [last];
  const stages = [{ slabs, interleaved }];
  if (slabs > 512) stages.push({ slabs: Math.ceil(Math.sqrt(slabs)), interleaved });
  return [...stages, last];
}

function stageLaunch(
  shader: ReduceShader,
  groups: readonly Group[],
  { slabs, interleaved }: Stage,
  { bind, written, scale }: { bind: Readonly<Record<string, string>>; written: readonly string[]; scale: number },
): Launch {
  const [outer] = groups;
  const kept = groups.filter(({ reduced }) => !reduced);
  const reduced = groups.filter((group) => group.reduced);
  const outputs = extentOf(kept);
  const length = extentOf(reduced);
  const sliced = slabs === 1 && isOutermostOfBoth(groups);
  const inputs = Object.keys(shader.bindings).filter((name) => /^x/.test(name));
  const axis: Axis = {
    extent: outer.extent,
    slices: Object.fromEntries([
      ...inputs.map((name) => [name, outer.x]),
      ...(sliced ? written.map((name) => [name, outer.y]) : []),
    ]),
  };
  const keptNumbers = numbered(kept);
  const reducedNumbers = numbered(reduced);
  const piece = ({ start, count }: { start: number; count: number }) =>
    outer.reduced
      ? {
          outputs,
          firstOutput: 0,
          reduced: (length / outer.extent) * count,
          firstReduced: (length / outer.extent) * start,
          accumulate: start > 0 ? 1 : 0,
        }
      : {
          outputs: (outputs / outer.extent) * count,
          firstOutput: (outputs / outer.extent) * start,
          reduced: length,
          firstReduced: 0,
          accumulate: 0,
        };
  return launch(shader, {
    bind,
    constants: { KEPT: kept.length, REDUCED: reduced.length },
    axes: { outer: axis },
    params: ({ outer: range }) => ({
      ...piece(range),
      threads: piece(range).outputs * slabs,
      allOutputs: outputs,
      slabs,
      interleaved: interleaved ? 1 : 0,
      xStart: range.start * outer.x,
      yStart: sliced ? range.start * outer.y : 0,
      scale,
      ...keptNumbers('keptExtent', 'extent'),
      ...keptNumbers('keptX', 'x'),
      ...keptNumbers('keptY', 'y'),
      ...reducedNumbers('reducedExtent', 'extent'),
      ...reducedNumbers('reducedX', 'x'),
      ...reducedNumbers('reducedPosition', 'position'),
    }),
    workgroups: ({ outer: range }) => flatGrid(piece(range).outputs * slabs, 64),
  });
}

/** The partial results of the stage before as an x of their own: `[outputs, slabs]` interleaved, else `[slabs, outputs]`. */
function partialGroups({ groups, outputs, stages }: Reduction, stage: number, last: boolean): Group[] {
  const { slabs, interleaved } = stages[stage - 1];
  const merged: Group = { extent: slabs, x: interleaved ? 1 : outputs, y: 0, position: 1, reduced: true };
  let x = outputs * (interleaved ? slabs : 1);
  const kept = groups
    .filter(({ reduced }) => !reduced)
    .map((group): Group => {
      x /= group.extent;
      return last ? { ...group, x } : { ...group, x, y: 0 };
    });
  return interleaved ? [...kept, merged] : [merged, ...kept];
}

/** Whether a piece of the outermost group of x is a contiguous piece of y too. */
function isOutermostOfBoth(groups: readonly Group[]): boolean {
  const [outer] = groups;
  return !outer.reduced && outer.y * outer.extent === extentOf(groups.filter(({ reduced }) => !reduced));
}

/** Numbers of up to six groups as params: `keptX0 … keptX5`. */
function numbered(groups: readonly Group[]) {
  return <Prefix extends string>(prefix: Prefix, key: 'extent' | 'x' | 'y' | 'position') => {
    const entries = [0, 1, 2, 3, 4, 5].map((i) => [`${prefix}${i}`, groups[i]?.[key] ?? (key === 'extent' ? 1 : 0)]);
    return Object.fromEntries(entries) as Record<`${Prefix}${0 | 1 | 2 | 3 | 4 | 5}`, number>;
  };
}
