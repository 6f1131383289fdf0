// What `wgrad profile` prints.
import { layerName, type ProfileRow } from '../engine/profile/index.ts';
import type { ProfileReport } from './profileModel.ts';
import { textTable } from './textTable.ts';

const MEASURES = ['phase', 'ms', 'share', 'dispatches', 'MFLOP', 'MB', 'of roof', 'bound by', 'peak MiB'];

export function profileText(title: string, report: ProfileReport): string {
  const { adapter, clock, steps, stepMs, roof, total, layers, kernels } = report;
  const how =
    clock === 'timestamps'
      ? "by the GPU's timestamps, each dispatch in a pass of its own"
      : 'by the wall clock, for this adapter has no timestamp queries: each dispatch once more, alone and waited for';
  return [
    `${title}, on ${adapter}`,
    `a step: ${milliseconds(stepMs)} ms unwatched; ${milliseconds(total.milliseconds)} ms in ${total.dispatches} dispatches, timed ${how}`,
    `  ${(total.flop / 1e9).toFixed(3)} GFLOP (products counted, all else estimated), ${(total.bytes / 1e6).toFixed(1)} MB bound, ${mebibytes(total.peakBytes)} MiB in use at its peak; medians of ${steps} steps`,
    `roof: copies at ${(roof.bytesPerSecond / 1e9).toFixed(2)} GB/s, multiply-adds at ${(roof.flopPerSecond / 1e9).toFixed(1)} GFLOP/s, measured now; more than 100 % stays in caches`,
    '',
    textTable([['layer', ...MEASURES], ...layers.map((row) => [layerOf(row), ...cells(row)])]),
    '',
    textTable([['kernel', ...MEASURES], ...kernels.map((row) => [kernelOf(row), ...cells(row)])]),
  ].join('\n');
}

function cells({ phase, share, dispatches, flop, bytes, ofRoof, bound, peakBytes, ...row }: ProfileRow): string[] {
  return [
    ...[phase, milliseconds(row.milliseconds), `${(100 * share).toFixed(1)} %`, `${dispatches}`],
    ...[(flop / 1e6).toFixed(2), (bytes / 1e6).toFixed(2), `${(100 * ofRoof).toFixed(1)} %`, bound],
    mebibytes(peakBytes),
  ];
}

function layerOf({ layer = null, phase }: ProfileRow): string {
  return layerName({ layer, phase });
}

function kernelOf({ operation, kernel = '' }: ProfileRow): string {
  return kernel.startsWith(`${operation}/`) ? kernel : `${kernel} (${operation})`;
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
