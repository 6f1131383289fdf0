// The command line that all programs of this folder take.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WgradError } from 'wgrad/node';

export interface Arguments {
  /** Folder of the data sets, weights and photographs. Default: WGRAD_DATA. */
  data: string | undefined;
  /** Small inputs, and what weights there are instead of the chapter's. Default false. */
  quick: boolean;
  /** Folder that pictures are written to. Default: runs/chapter9. */
  out: string;
}

const USAGE = 'usage: npx tsx examples/chapter9/NN-name.ts [--data DIR] [--quick] [--out DIR]';

/**
 * Reads `--data DIR --quick --out DIR`. From here on what goes wrong is told in one line, without a stack, and the
 * program ends with code 1; with code 2 where its options are wrong.
 */
export function programArguments(): Arguments {
  process.on('uncaughtException', (error) => {
    console.error(error instanceof WgradError ? error.message : error);
    process.exit(1);
  });
  try {
    const { data, quick, out } = parseArgs({
      options: {
        data: { type: 'string' },
        quick: { type: 'boolean', default: false },
        out: { type: 'string', default: join('runs', 'chapter9') },
      },
    }).values;
    return { data: data ?? (process.env.WGRAD_DATA || undefined), quick, out };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

/** A folder of `--data`; says what to do where there is none. */
export function dataFolder({ data }: Arguments, what: string): string {
  if (data !== undefined) return data;
  throw new WgradError(`this program needs ${what}: say where with --data DIR or WGRAD_DATA`);
}

/** The path of a picture to write; its folder is made. */
export function pictureFile({ out }: Arguments, name: string): string {
  mkdirSync(out, { recursive: true });
  return join(out, name);
}
