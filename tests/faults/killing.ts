// Programs that are killed at random moments, and what must hold after each kill.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import * as assert from 'uvu/assert';
import { checkpointFolder, readCheckpoint } from '../../training/node/index.ts';

const root = join(import.meta.dirname, '../..');

/** A program of this folder in one file, which starts sooner. */
export function bundled(name: string, folder: string): string {
  const outfile = join(folder, `${name}.mjs`);
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) symlinkSync(join(root, 'node_modules'), modules);
  buildSync({
    ...{ entryPoints: [join(import.meta.dirname, `${name}.ts`)], outfile, logLevel: 'error' },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' },
  });
  return outfile;
}

export interface Life {
  /** The last line that it printed; undefined when there was none. */
  last: string | undefined;
  /** Undefined when it was killed. */
  exitCode: number | undefined;
  errors: string;
}

/** Runs a program, and kills it so many milliseconds after its line number `lines` (0: its start). */
export async function live(args: readonly string[], kill?: { lines: number; wait: number }): Promise<Life> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = once(child, 'close');
  let last: string | undefined;
  let errors = '';
  let count = 0;
  const killAfter = async () => {
    await sleep(kill!.wait);
    child.kill('SIGKILL');
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface(child.stdout).on('line', (line) => {
    last = line;
    if (++count === kill?.lines) void killAfter();
  });
  if (kill?.lines === 0) void killAfter();
  const [code] = await end;
  return { last, errors, exitCode: code ?? undefined };
}

export interface TrainingKills {
  /** Of the bundled killedTrainer. */
  program: string;
  /** An empty folder. */
  folder: string;
  kills: number;
  epochs: number;
  /** From 0 up to 1. */
  random: () => number;
}

/**
 * Kills a training run so many times, checking the checkpoint after each; lets it end; and compares it with a run that
 * nobody disturbed.
 */
export async function killTraining({ program, folder, kills, epochs, random }: TrainingKills): Promise<void> {
  const out = join(folder, 'killed');
  let saved = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { last, exitCode, errors } = await live([program, out, String(epochs)], {
      lines: Math.floor(random() * 7),
      wait: random() * 60,
    });
    assert.is(exitCode, undefined, `kill ${kill}: it ended by itself at ${last}: ${errors}`);
    const reported = Number.parseInt(last ?? '', 10) || saved + 1;
    saved = checked(out, { least: reported - 1, kill });
  }
  const { last, errors } = await live([program, out, String(epochs)]);
  assert.is(last, 'done', errors);
  const whole = join(folder, 'whole');
  // one checkpoint an epoch only: what is kept must not change what is computed
  assert.is((await live([program, whole, String(epochs), '1000000'])).last, 'done');
  for (const file of ['model.safetensors', 'optimizer.safetensors']) {
    const [left, right] = [out, whole].map((each) => readFileSync(join(checkpointFolder(each), file)));
    assert.ok(left!.equals(right!), `${file} is another than that of an undisturbed run`);
  }
  const [rows, expected] = [lossesOf(out), lossesOf(whole)];
  const first = rows.findIndex((row, i) => row !== expected[i]);
  assert.is(
    first,
    -1,
    `row ${first} is ${rows[first]}, expected ${expected[first]}: each is logged once, with its loss`,
  );
  assert.is(rows.length, expected.length);
  assert.equal(leftovers(out), []);
}

/**
 * Kills a program so many times that only saves checkpoints, each with values that tell its step; after each kill the last
 * one, or a later one, is whole.
 * @param options.program the bundled killedWriter
 */
export async function killWriter({ program, folder, kills, random }: Omit<TrainingKills, 'epochs'>): Promise<void> {
  const out = join(folder, 'written');
  let saved = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { last, exitCode, errors } = await live([program, checkpointFolder(out), String(saved + 1)], {
      lines: Math.floor(random() * 4),
      wait: random() * 40,
    });
    assert.is(exitCode, undefined, errors);
    saved = checked(out, { least: Number(last ?? saved), kill });
    if (saved === 0) continue;
    const { model } = readCheckpoint(checkpointFolder(out), { onDamage: assert.unreachable });
    assert.ok(
      (model.get('weight')!.data as Float32Array).every((value) => value === saved),
      'values are those of the step',
    );
  }
  assert.ok(saved >= kills / 2, `only ${saved} checkpoints were written`);
}

/** @returns the step of the checkpoint */
function checked(out: string, { least, kill }: { least: number; kill: number }): number {
  if (!existsSync(checkpointFolder(out)) && least <= 0) return 0; // killed before the first
  const { step } = readCheckpoint(checkpointFolder(out), { onDamage: assert.unreachable }).progress;
  assert.ok(step >= least, `kill ${kill}: the checkpoint is of step ${step}, that of ${least} was reported`);
  return step;
}

function lossesOf(out: string): string[] {
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { kind, step, loss, trainLoss, testLoss } = JSON.parse(line);
    return [kind, step, loss, trainLoss, testLoss].join(' ');
  });
}

/** Temporary files of ours. */
export function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tmp$|\.next$/.test(name));
}
