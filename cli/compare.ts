// `wgrad compare`: what every architecture costs and what it is worth (the chapter's exercises 2 and 6).
import { join } from 'node:path';
import { Command } from 'commander';
import { isFile } from '../datasets/node/isFile.ts';
import type { Device } from '../engine/device.ts';
import { layers, totals } from '../engine/nn/index.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { makeFolder } from '../engine/node/makeFolder.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import type { ModelEntry, PublishedAccuracy } from '../models/entry.ts';
import { modelEntries } from '../models/index.ts';
import { accuracyCostSvg } from '../training/report/accuracyCost.ts';
import { integer } from './arguments.ts';
import { findModel } from './findModel.ts';
import { measureForward } from './measureForward.ts';
import { modelList } from './modelList.ts';
import { textTable } from './textTable.ts';
import { UsageError } from './usageError.ts';

interface CompareFlags {
  batch: number;
  time: boolean;
  out?: string;
  json?: boolean;
  adapter?: string;
}

interface Comparison {
  model: string;
  family: string;
  inputShape: readonly number[];
  parameters: number;
  macs: number;
  activationBytes: number;
  accuracy?: PublishedAccuracy;
  /** Median forward time of a batch. */
  forwardMs?: number;
}

export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare architectures: parameters, multiply-accumulates, activations, accuracy, measured time')
    .argument('[models...]', 'some of those below (default: all)')
    .option('--batch <n>', 'images in a timed forward pass', integer(1), 1)
    .option('--no-time', 'measure nothing: needs no GPU')
    .option('--out <folder>', 'write compare.json and compare.svg, accuracy against cost, there')
    .option('--json', 'print one JSON object')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(compare);
}

async function compare(names: string[], { batch, time, out, json, adapter }: CompareFlags): Promise<void> {
  if (out !== undefined && isFile(out)) throw new UsageError(`--out ${out} is a file; compare.json goes into a folder`);
  const entries = names.length ? names.map(findModel) : modelEntries();
  const device = time ? await createDevice(adapter === undefined ? {} : { adapter }) : undefined;
  const models: Comparison[] = [];
  for (const [i, entry] of entries.entries()) {
    if (device) process.stderr.write(`${entry.name} (${i + 1} of ${entries.length})\n`);
    models.push(await comparisonOf(entry, device, batch));
  }
  const result = { date: new Date().toISOString(), ...(device && { adapter: device.adapterName, batch }), models };
  const files = out === undefined ? [] : await writeFiles(out, result);
  if (json) console.log(JSON.stringify(result));
  else console.log([table(models, device && batch), ...files].join('\n'));
}

async function comparisonOf(entry: ModelEntry, device: Device | undefined, batch: number): Promise<Comparison> {
  const { name, family, inputShape, accuracy } = entry;
  const { parameters, macs, activationBytes } = totals(layers(entry.create(), inputShape));
  return {
    ...{ model: name, family, inputShape, parameters, macs, activationBytes },
    ...(accuracy && { accuracy }),
    ...(device && { forwardMs: await measureForward(entry, device, batch) }),
  };
}

async function writeFiles(folder: string, result: { models: readonly Comparison[] }): Promise<string[]> {
  const points = result.models.flatMap(({ model, family, macs, parameters, accuracy }) =>
    accuracy && accuracy.dataset !== 'MNIST'
      ? [{ name: model, family, macs, parameters, dataset: accuracy.dataset, top1: accuracy.top1 }]
      : [],
  );
  const files = {
    'compare.json': `${JSON.stringify(result, null, 2)}\n`,
    ...(points.length && { 'compare.svg': await accuracyCostSvg(points) }),
  };
  makeFolder(folder);
  const written = Object.entries(files).map(([name, content]) => {
    replaceFile(join(folder, name), content);
    return join(folder, name);
  });
  const missing = 'no figure: none of these models has a published accuracy on ImageNet or CIFAR-10';
  return points.length ? written : [...written, missing];
}

function table(models: readonly Comparison[], batch: number | undefined): string {
  const timed = batch === undefined ? [] : [`forward, batch ${batch}`];
  const header = ['model', 'input', 'parameters', 'GMAC', 'activations', 'top-1', 'top-5', 'on', ...timed];
  const rows = models.map(({ model, inputShape, parameters, macs, activationBytes, accuracy, forwardMs }) => [
    ...[model, inputShape.join('x'), parameters.toLocaleString('en-US'), (macs / 1e9).toFixed(3)],
    ...[`${(activationBytes / 2 ** 20).toFixed(1)} MiB`, percent(accuracy?.top1), percent(accuracy?.top5)],
    ...[accuracy?.dataset ?? '-', ...(forwardMs === undefined ? [] : [`${forwardMs.toFixed(1)} ms`])],
  ]);
  return `${textTable([header, ...rows])}\nGMAC: multiply-accumulates of one image, 10^9; accuracies as published, %`;
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}
