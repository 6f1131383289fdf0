// The shaders of batch normalisation, each for single channels and for four at a time.
import { link, type Shader } from '../shader.ts';
import { shader as inferenceFile } from './backward.inference.wgsl.ts';
import { shader as mergeSumsFile } from './backward.merge.wgsl.ts';
import { shader as sumsFile } from './backward.sums.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as momentsFile } from './moments.wgsl.ts';
import { shader as finishFile } from './statistics.finish.wgsl.ts';
import { shader as mergeFile } from './statistics.merge.wgsl.ts';
import { shader as runningFile } from './statistics.running.wgsl.ts';
import { shader as statisticsFile } from './statistics.wgsl.ts';

const scalar = linked({ Element: 'f32', Bits: 'u32' }, '');
const vec4 = linked({ Element: 'vec4f', Bits: 'vec4u' }, ' vec4');

export const shaders: readonly Shader[] = [...new Set([...Object.values(scalar), ...Object.values(vec4)])];

/** Four channels at a time where their number allows it. */
export function shadersFor(channels: number): typeof scalar {
  return channels % 4 === 0 ? vec4 : scalar;
}

function linked({ Element, Bits }: { Element: string; Bits: string }, suffix: string) {
  const one = <S extends Shader>(file: S) => link(`${file.label}${suffix}`, [file], { Element }) as unknown as S;
  const ofMoments = <S extends Shader>(file: S) =>
    link(`${file.label}${suffix}`, [momentsFile, file], { Element, Bits }) as unknown as S;
  return {
    statistics: ofMoments(statisticsFile),
    merge: ofMoments(mergeFile),
    finish: ofMoments(finishFile),
    running: runningFile,
    forward: one(forwardFile),
    sums: one(sumsFile),
    mergeSums: one(mergeSumsFile),
    backward: one(backwardFile),
    inference: one(inferenceFile),
  };
}
