// The event file of a finished run, from its metrics and pictures.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { MetricRow } from '../../report/metricRow.ts';
import { logMetrics } from './logMetrics.ts';
import { TensorBoardWriter } from './tensorBoardWriter.ts';

export interface EventFileContent {
  readonly rows: readonly MetricRow[];
  /** Shown as a text. */
  readonly config: object;
  /** PNG files with their titles, shown at the last step. */
  readonly images: readonly { readonly title: string; readonly image: Uint8Array }[];
}

/** One that this function or a writer made: another program's are left alone. */
const OURS = /^events\.out\.tfevents\.\d+\.wgrad\.\d+$/;

/**
 * Writes a new file and removes those of earlier reports, whose curves it repeats.
 * @returns its path
 */
export function writeEventFile(folder: string, { rows, config, images }: EventFileContent): string {
  const old = existsSync(folder) ? readdirSync(folder).filter((name) => OURS.test(name)) : [];
  const writer = new TensorBoardWriter(folder);
  const last = rows.at(-1);
  try {
    logMetrics(writer, rows, { start: Date.now() / 1000 - (last?.seconds || 0) });
    for (const { title, image } of images) writer.image(title, image, last?.step ?? 0);
    writer.text('configuration', `    ${JSON.stringify(config, undefined, 2).replaceAll('\n', '\n    ')}`, 0);
  } finally {
    writer.close();
  }
  for (const name of old) if (name !== basename(writer.path)) rmSync(join(folder, name), { force: true });
  return writer.path;
}
