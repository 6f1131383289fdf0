// Runs `wgrad profile`, prints its tables and writes its files.
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createDevice, EXACT_TIMES } from '../engine/node/createDevice.ts';
import { makeFolder } from '../engine/node/makeFolder.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import {
  chromeTrace,
  kernelRows,
  layerRows,
  measureRoof,
  type Profile,
  profile,
  type Roof,
  totalsOf,
} from '../engine/profile/index.ts';
import { show } from '../kernels/rank.ts';
import { rooflineSvg } from '../training/report/roofline.ts';
import { findModel } from './findModel.ts';
import type { ProfileFlags } from './profile.ts';
import { profileText } from './profileText.ts';
import { imagesShape, type MODES, RandomStep } from './randomStep.ts';
import { UsageError } from './usageError.ts';

const MOST_STEPS = 1000;

export async function profileModel(mode: (typeof MODES)[number], name: string, flags: ProfileFlags): Promise<void> {
  const entry = findModel(name);
  const shape = imagesShape(entry, flags);
  const { steps, json, roofline, trace, adapter } = flags;
  if (steps > MOST_STEPS) throw new UsageError(`--steps: at most ${MOST_STEPS}, given ${steps}`);
  prepareFiles({ json, roofline, trace });
  const device = await createDevice({
    ...(adapter !== undefined && { adapter }),
    dawnOptions: [EXACT_TIMES],
  });
  process.stderr.write(`measuring the roof of ${device.adapterName}\n`);
  const roof = await measureRoof(device);
  device.trimMemory();
  process.stderr.write(`${name}: warming up, then ${steps} steps alone and ${steps} with timestamps\n`);
  const step = new RandomStep(entry, device, mode, flags);
  const measured = await profile(device, (inPhase) => step.run(inPhase), { model: step.model, steps });
  step.dispose();
  const title = `${name}, ${mode === 'train' ? 'training step' : 'forward pass'}, images ${show(shape)}`;
  const report = reportOf(measured, roof);
  console.log(profileText(title, report));
  const about = { model: name, mode, batch: shape[0], imageShape: shape.slice(1) };
  const contents = {
    ...(json !== undefined && { [json]: `${JSON.stringify({ ...about, ...report }, null, 2)}\n` }),
    ...(roofline !== undefined && { [roofline]: await svgOf(title, report) }),
    ...(trace !== undefined && { [trace]: JSON.stringify(chromeTrace(measured)) }),
  };
  for (const [path, content] of Object.entries(contents)) {
    replaceFile(path, content);
    console.log(path);
  }
}

export type ProfileReport = ReturnType<typeof reportOf>;

function reportOf(measured: Profile, roof: Roof) {
  const { adapter, clock, steps, stepMs } = measured;
  const layers = layerRows(measured, roof);
  return { adapter, clock, steps, stepMs, roof, total: totalsOf(layers), layers, kernels: kernelRows(measured, roof) };
}

function svgOf(title: string, { adapter, roof, kernels }: ProfileReport): Promise<string> {
  const points = kernels.map(({ kernel = '', operation, ...row }) => {
    // products of linear layers and matmuls share their kernels
    const name = kernel.startsWith(`${operation}/`) ? kernel : `${operation}: ${kernel}`;
    return { ...row, name };
  });
  return rooflineSvg(points, { ...roof, title, adapter });
}

/** Makes their folders, so that what cannot be written is refused before anything is measured. @throws UsageError */
function prepareFiles(files: Record<string, string | undefined>): void {
  const paths = Object.values(files).filter((path) => path !== undefined);
  if (new Set(paths.map((path) => resolve(path))).size < paths.length) {
    throw new UsageError(`--${Object.keys(files).join(', --')} need files of their own`);
  }
  for (const path of paths) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`${path}: is a folder`);
    makeFolder(dirname(path));
  }
}
