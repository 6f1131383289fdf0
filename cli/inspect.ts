// `wgrad inspect`: what a checkpoint holds, without reading its values.
import { statSync } from 'node:fs';
import { Command } from 'commander';
import { openCheckpoint } from '../engine/node/checkpoint.ts';
import type { CheckpointFile } from '../engine/serialization/checkpointFile.ts';
import { tensorBytes } from '../engine/serialization/storedDType.ts';
import { sizeOf } from '../kernels/definition.ts';
import { show } from '../kernels/rank.ts';
import { type FittingModel, fittingModels } from '../models/fittingModels.ts';
import { printable } from '../training/report/printable.ts';
import { checkFile } from './checkFile.ts';
import { dtypeCounts } from './dtypeCounts.ts';
import { oneLine } from './oneLine.ts';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show what a checkpoint holds: names, types and shapes of its tensors, and the model they fit')
    .argument('<file>', 'a checkpoint of PyTorch (.pth .pt .th .tar .bin), or safetensors')
    .option('--json', 'print one JSON object')
    .action(inspect);
}

async function inspect(path: string, { json = false }: { json?: boolean }): Promise<void> {
  checkFile(path, 'a checkpoint');
  const file = await openCheckpoint(path);
  try {
    const inspection = inspectionOf(file);
    console.log(json ? JSON.stringify(inspection) : describe(inspection));
  } finally {
    await file.close();
  }
}

interface Inspection {
  file: string;
  format: CheckpointFile['format'];
  fileBytes: number;
  /** The key of the dict that held the tensors; '' when they lay at the top. */
  wrapper: string;
  /** What all names began with; removed below. */
  prefix: string;
  metadata: CheckpointFile['metadata'];
  tensors: { name: string; dtype: string; shape: readonly number[]; bytes: number }[];
  /** Values that are learned: of floating-point tensors without running statistics. */
  parameters: number;
  models: FittingModel[];
}

function inspectionOf({ name, format, wrapper, prefix, metadata, tensors }: CheckpointFile): Inspection {
  const listed = [...tensors.values()];
  const learned = listed.filter((tensor) => tensor.dtype.includes('float') && !STATISTICS.test(tensor.name));
  return {
    file: name,
    format,
    fileBytes: statSync(name).size,
    wrapper,
    prefix,
    metadata,
    tensors: listed.map(({ name, dtype, shape }) => ({ name, dtype, shape, bytes: tensorBytes(dtype, shape) })),
    parameters: learned.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    models: fittingModels(tensors),
  };
}

/** Batch norm's, in PyTorch's words. */
const STATISTICS = /(^|\.)running_(mean|var)$/;

function describe({
  file,
  format,
  fileBytes,
  wrapper,
  prefix,
  metadata,
  tensors,
  parameters,
  models,
}: Inspection): string {
  const rows = tensors.map(({ name, dtype, shape, bytes }) => [printable(name), dtype, show(shape), count(bytes)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const facts: [string, string][] = [
    ['file', printable(file)],
    ['format', `${format}, ${count(fileBytes)} bytes`],
    ...(wrapper ? [['tensors', `under '${printable(wrapper)}'`] as [string, string]] : []),
    ...(prefix ? [['prefix', `'${prefix}', removed from all names`] as [string, string]] : []),
    ...Object.entries(metadata).map(([name, value]): [string, string] => [
      'metadata',
      oneLine(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ]),
  ];
  return [
    ...facts.map(([what, text]) => `${what.padEnd(8)}  ${text}`),
    '',
    ...rows.map(([name, dtype, shape, bytes]) =>
      [name.padEnd(widths[0]), dtype.padEnd(widths[1]), shape.padEnd(widths[2]), bytes.padStart(widths[3])].join('  '),
    ),
    '',
    `${dtypeCounts(tensors)}, ${count(tensors.reduce((sum, { bytes }) => sum + bytes, 0))} bytes, ${count(parameters)} parameters`,
    models.length ? `fits ${models.map(describeModel).join(', ')}` : 'fits no model of wgrad as it is',
  ].join('\n');
}

function describeModel({ name, numClasses, isPartial }: FittingModel): string {
  return isPartial ? `a part of ${name}` : `${name} with ${numClasses} classes`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
