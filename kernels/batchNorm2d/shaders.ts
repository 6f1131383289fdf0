// The shaders of batch normalisation, each for single channels and for four at a time.
import { link, type Shader } from '../shader.ts';
import { shader as inferenceFile } from './backward.inference.wgsl.ts';
import { shader as maskFile } from './backward.mask.wgsl.ts';
import { shader as mergeSumsFile } from './backward.merge.wgsl.ts';
import { shader as sumsFile } from './backward.sums.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as blocksFile } from './blocks.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as momentsFile } from './moments.wgsl.ts';
import { shader as finishFile } from './statistics.finish.wgsl.ts';
import { shader as mergeFile } from './statistics.merge.wgsl.ts';
import { shader as runningFile } from './statistics.running.wgsl.ts';
import { shader as statisticsFile } from './statistics.wgsl.ts';

const f32 = { Element: 'f32', Bits: 'u32' };

/** What has little to do: one thread per channel. */
const merges = {
  merge: linked(mergeFile, f32, [momentsFile]),
  finish: linked(finishFile, f32, [momentsFile]),
  running: runningFile,
  mergeSums: linked(mergeSumsFile, f32),
};
const scalar = passes(f32, '');
const vec4 = passes({ Element: 'vec4f', Bits: 'vec4u' }, ' vec4');

export const shaders: readonly Shader[] = [scalar, vec4, merges].flatMap((some): Shader[] => Object.values(some));

/** Four channels at a time where their number allows it. */
export function shadersFor(channels: number): typeof scalar & typeof merges {
  return { ...(channels % 4 === 0 ? vec4 : scalar), ...merges };
}

/** The passes over all rows. */
function passes(element: typeof f32, suffix: string) {
  return {
    statistics: linked(statisticsFile, element, [momentsFile], suffix),
    forward: linked(forwardFile, element, [blocksFile], suffix),
    sums: linked(sumsFile, element, [maskFile], suffix),
    backward: linked(backwardFile, element, [maskFile, blocksFile], suffix),
    inference: linked(inferenceFile, element, [maskFile, blocksFile], suffix),
  };
}

function linked<S extends Shader>(
  file: S,
  { Element, Bits }: typeof f32,
  before: readonly Shader[] = [],
  suffix = '',
): S {
  const replaced = { Element, ...(before.includes(momentsFile) && { Bits }) };
  return link(`${file.label}${suffix}`, [...before, file], replaced) as unknown as S;
}
