// kill -9 at 200 random moments of training with a checkpoint at every step, and at 1000 of writing checkpoints.
// WGRAD_SEED chooses the moments.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { Random } from '../../datasets/index.ts';
import { bundled, killTraining, killWriter } from './killing.ts';

const test = suite('kill, the long form');
const folder = mkdtempSync(join(tmpdir(), 'wgrad-kill-'));
test.after(() => rmSync(folder, { recursive: true }));
const random = new Random(Number(process.env.WGRAD_SEED ?? 2026));

test('training killed 200 times with a checkpoint at every step loses none of them', () =>
  killTraining({
    ...{ program: bundled('killedTrainer', folder), folder, kills: 200, epochs: 160 },
    random: () => random.uniform(),
  }));

test('a writer killed 1000 times while it writes loses no checkpoint', () =>
  killWriter({ program: bundled('killedWriter', folder), folder, kills: 1000, random: () => random.uniform() }));

test.run();
