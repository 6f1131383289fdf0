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

const scalar = linked('f32', '');
const vec4 = linked('vec4f', ' vec4');

export const shaders: readonly Shader[] = [...new Set([...Object.values(scalar), ...Object.values(vec4)])];

/** Four channels at a time where their number allows it. */
export function shadersFor(channels: number): typeof scalar {
  return channels % 4 === 0 ? vec4 : scalar;
}

function linked(Element: 'f32' | 'vec4f', suffix: string) {
  const one = <S extends Shader>(file: S, ...before: Shader[]) =>
    link(`${file.label}${suffix}`, [...before, file], { Element }) as unknown as S;
  return {
    statistics: one(statisticsFile, momentsFile),
    merge: one(mergeFile, momentsFile),
    finish: one(finishFile, momentsFile),
    running: runningFile,
    forward: one(forwardFile),
    sums: one(sumsFile),
    mergeSums: one(mergeSumsFile),
    backward: one(backwardFile),
    inference: one(inferenceFile),
  };
}
