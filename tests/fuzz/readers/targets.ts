// Every reader that the fuzz knows.
import { checkpointTargets } from './checkpointTargets.ts';
import { datasetTargets } from './datasetTargets.ts';
import { imageTargets } from './imageTargets.ts';
import { jsonTargets } from './jsonTargets.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [...checkpointTargets, ...datasetTargets, ...imageTargets, ...jsonTargets];

/** @throws Error naming those there are */
export function targetNamed(name: string): Target {
  const target = targets.find((each) => each.name === name);
  if (target) return target;
  throw new Error(`there is no reader '${name}', only ${targets.map((each) => each.name).join(', ')}`);
}
