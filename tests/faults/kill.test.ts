// kill -9 at any moment loses no saved checkpoint, and the run ends with the bytes of an undisturbed one. The long form is
// kill.slow.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { Random } from '../../datasets/index.ts';
import { bundled, killTraining, killWriter } from './killing.ts';

const test = suite('kill');
const folder = mkdtempSync(join(tmpdir(), 'wgrad-kill-'));
test.after(() => rmSync(folder, { recursive: true }));
const random = new Random(7);

test('training killed 8 times with a checkpoint at every step loses none of them', () =>
  killTraining({
    ...{ program: bundled('killedTrainer', folder), folder, kills: 8, epochs: 6 },
    random: () => random.uniform(),
  }));

test('a writer killed 30 times while it writes loses no checkpoint', () =>
  killWriter({ program: bundled('killedWriter', folder), folder, kills: 30, random: () => random.uniform() }));

test.run();
