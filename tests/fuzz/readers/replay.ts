// Inputs read in this thread: kept ones again, or a few.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { meterAllocations } from './allocations.ts';
import { type Examined, examine, type Instruments } from './examine.ts';
import { watchExecutions } from './executions.ts';
import type { Target } from './target.ts';
import { targetNamed } from './targets.ts';

export interface KeptInput {
  readonly reader: string;
  readonly problem: string;
  /** Base64. */
  readonly input: string;
}

/** Those that still have a problem, with what it is now. */
export async function replayFailures<Kept extends KeptInput>(kept: readonly Kept[]): Promise<Kept[]> {
  const still: Kept[] = [];
  for (const one of kept) {
    const input = Uint8Array.from(Buffer.from(one.input, 'base64'));
    const [examined] = await examineAll(targetNamed(one.reader), [input]);
    if (examined?.problem) still.push({ ...one, problem: examined.problem });
  }
  return still;
}

/** What came of each input. The instruments stay in this thread for as long as it lives. */
export async function examineAll(target: Target, inputs: readonly Uint8Array[]): Promise<Examined[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-fuzz-'));
  try {
    const examined: Examined[] = [];
    for (const input of inputs) examined.push(await examine(target, input, { ...instruments, folder }));
    return examined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lost: string[] = [];
process.on('unhandledRejection', (reason) => lost.push(String(reason)));
const instruments: Omit<Instruments, 'folder'> = {
  // the JPEG decoder makes its glue with Function, and one thread reads for all
  executions: watchExecutions({ allowFunction: true }),
  meter: meterAllocations(),
  lostRejections: () => lost.splice(0),
};
