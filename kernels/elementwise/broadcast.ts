// Launches of the broadcasting core: forwards one per operation, backwards a sum in slabs that are merged in order.
import {
  type Axis,
  type Capabilities,
  flatGrid,
  type Launch,
  launch,
  type Plan,
  type Range,
  sizeOf,
  type TensorSpec,
} from '../definition.ts';
import { flatLoop } from '../flatLoop.ts';
import { link, type Shader } from '../shader.ts';
import { shader as coreFile } from './broadcast.wgsl.ts';
import { shader as identityFile } from './identity.wgsl.ts';
import { broadcastSteps, byFours, type Loop, merged, turns, vectorPattern } from './loops.ts';
import { shader as oneSourceFile } from './oneSource.wgsl.ts';
import { shader as threeSourcesFile } from './threeSources.wgsl.ts';
import { shader as twoSourcesFile } from './twoSources.wgsl.ts';

const SOURCE_FILES = [oneSourceFile, twoSourcesFile, threeSourcesFile];
const LETTERS = ['a', 'b', 'c'] as const;
const SLOTS = 6;
/** Below this many terms a single thread sums them all. */
const SLAB_TERMS = 64;
/** Threads that a split sum aims at: enough to fill a GPU. */
const SLAB_THREADS = 16384;

/** One `combine` in all the widths it is wanted in: `scalar`, and one per pattern of `vectorPattern`. */
export type TermShaders = Readonly<Record<string, Shader>>;

/** A tensor that a term reads: its name in the plan and how it lies. */
export interface Source {
  readonly name: string;
  readonly spec: TensorSpec;
}

/** Links a room's `fn combine(…)` of one to three values with the core. */
export function termShaders(label: string, combine: Shader, patterns: readonly string[]): TermShaders {
  const files = [coreFile, SOURCE_FILES[patterns[0].length - 1], combine];
  const shaders: Record<string, Shader> = { scalar: link(label, files) };
  for (const pattern of patterns) {
    const aliases = [...pattern].map((letter, i) => [LETTERS[i].toUpperCase(), letter === 'v' ? 'vec4f' : 'f32']);
    shaders[pattern] = link(`${label} ${pattern}`, files, { Element: 'vec4f', ...Object.fromEntries(aliases) });
  }
  return shaders;
}

const merge = termShaders('elementwise/merge', identityFile, ['v']);

/**
 * Writes `result`: for each of its elements the sum of a term over the dimensions of `space` that it lacks.
 * With a result of the shape of `space` that is the term itself.
 */
export function broadcastPlan(
  { shaders, device }: { shaders: TermShaders; device: Capabilities },
  space: TensorSpec,
  result: Source,
  sources: readonly Source[],
): Required<Plan> {
  const steps = [result.spec, ...sources.map(({ spec }) => spec)].map((spec) => broadcastSteps(spec, space.shape));
  const loop = (d: number): Loop => ({ extent: space.shape[d], steps: steps.slice(1).map((step) => step[d]) });
  const missing = space.shape.length - result.spec.shape.length;
  const kept = result.spec.order.map((d) => d + missing).filter((d) => steps[0][d] !== 0);
  const reduced = space.order.filter((d) => steps[0][d] === 0);
  let nest: Nest = {
    shaders,
    kept: merged(kept.map(loop)),
    reduced: merged(reduced.map(loop)),
    sources: sources.map(({ name, spec }) => ({ name, elements: sizeOf(spec.shape) })),
  };
  const launches: Launch[] = [];
  const scratch: Record<string, { length: number }> = {};
  for (let stage = 0; ; stage++) {
    const slabs = slabsOf(nest);
    if (slabs === 1) {
      launches.push(nestLaunch(nest, result.name, { slabs: 1, device }));
      return { launches, scratch };
    }
    const name = `${result.name}Slabs${stage}`;
    const results = turns(nest.kept);
    scratch[name] = { length: results * slabs };
    launches.push(nestLaunch(nest, name, { slabs, device }));
    nest = {
      shaders: merge,
      kept: merged([{ extent: results, steps: [1] }]),
      reduced: [{ extent: slabs, steps: [results] }],
      sources: [{ name, elements: results * slabs }],
    };
  }
}

interface Nest {
  readonly shaders: TermShaders;
  readonly kept: readonly Loop[];
  readonly reduced: readonly Loop[];
  readonly sources: readonly { readonly name: string; readonly elements: number }[];
}

function slabsOf({ kept, reduced }: Nest): number {
  const terms = turns(reduced);
  if (terms <= SLAB_TERMS) return 1;
  return Math.min(Math.ceil((terms * 2) / SLAB_TERMS), Math.ceil(SLAB_THREADS / turns(kept)));
}

function nestLaunch(
  { shaders, kept: whole, reduced, sources }: Nest,
  result: string,
  { slabs, device }: { slabs: number; device: Capabilities },
): Launch {
  const found = vectorPattern(whole, reduced);
  const pattern = found && shaders[found] ? found : null;
  const width = pattern ? 4 : 1;
  const kept = pattern ? byFours(whole) : whole;
  const units = (source: number) => (pattern?.[source] === 'v' ? 4 : 1);

  // cut along a source's outermost loop: a kept one cuts the result with it, a reduced one accumulates over pieces
  const isOutermost = (loop: Loop | undefined, source: number) =>
    loop !== undefined && loop.steps[source] * loop.extent === sources[source].elements;
  const cutsReduced = isOutermost(reduced[0], 0) && !isOutermost(kept[0], 0);
  const cut = cutsReduced ? reduced[0] : (kept[0] ?? reduced[0]);
  const slices: Record<string, number> = {};
  sources.forEach((_, source) => {
    if (isOutermost(cut, source)) slices[LETTERS[source]] = cut.steps[source];
  });
  const cutsKept = cut !== undefined && cut === kept[0];
  if (cutsKept && slabs === 1) slices.result = (turns(kept) / cut.extent) * width;
  const axes: Record<string, Axis> = cut ? { units: { extent: cut.extent, slices } } : {};

  const resultsOf = (range: Range | undefined) =>
    range && cutsKept ? (turns(kept) / cut.extent) * range.count : turns(kept);
  const startOf = (range: Range | undefined, source: number) =>
    range && !(LETTERS[source] in slices) ? (range.start * (cut?.steps[source] ?? 0)) / units(source) : 0;
  const slots = [...reduced, ...Array<Loop | undefined>(SLOTS - reduced.length - kept.length), ...kept];
  const fixed: Record<string, number> = {};
  slots.forEach((loop, slot) => {
    fixed[`extent${slot}`] = loop?.extent ?? 1;
    LETTERS.forEach((letter, source) => {
      fixed[`${letter}${slot}`] = (loop?.steps[source] ?? 0) / units(source);
    });
  });
  const { constants, workgroups } = flatLoop(device);
  return launch<Shader, string>(pattern ? shaders[pattern] : shaders.scalar, {
    bind: { result, ...Object.fromEntries(sources.map(({ name }, source) => [LETTERS[source], name])) },
    constants: { KEPT: kept.length, REDUCED: reduced.length, ...(!reduced.length && constants) },
    axes,
    params: ({ units: range }) => ({
      ...fixed,
      results: resultsOf(range),
      terms: range && cut && !cutsKept ? (turns(reduced) / cut.extent) * range.count : turns(reduced),
      slabs,
      slabsInnermost: Number(reduced.at(-1)?.steps[0] === 1),
      slabStep: turns(kept),
      resultStart: range && cutsKept && slabs > 1 ? range.start * (turns(kept) / cut.extent) : 0,
      accumulate: Number(range !== undefined && !cutsKept && range.start > 0),
      aStart: startOf(range, 0),
      bStart: startOf(range, 1),
      cStart: startOf(range, 2),
    }),
    workgroups: ({ units: range }) => {
      const results = resultsOf(range);
      return reduced.length ? flatGrid(results * slabs, 64) : workgroups(results);
    },
  });
}
